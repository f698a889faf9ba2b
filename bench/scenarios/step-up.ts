import { z } from 'zod';
import { codeAfter, presentCode } from '../codes.ts';
import { compare, type Side } from '../compare.ts';
import { expectStatus } from '../http-client.ts';
import { BARE_AUTH_PATH } from '../server-context.ts';
import { headersOf, inTurn, type LoadStage, type Scenario, type Visitor } from '../stage.ts';

const TARGET = 1;

const challengedSchema = z.object({ challenge: z.object({ id: z.uuid() }) });

/**
 * A complete confirmation with an authenticator app: the request that is challenged and the answer,
 * which rotates the cookie. The bare side is Better Auth's verification of one code in a session.
 */
export const stepUp: Scenario = async (stage) => {
  const load = await stage.underLoad();
  return compare({ load, ...stepUpSides(load), target: TARGET });
};

export function stepUpSides(load: LoadStage): { readonly ours: Side; readonly bare: Side } {
  return { ours: ourSide(load), bare: bareSide(load) };
}

function ourSide(load: LoadStage): Side {
  const { database, visitors, counters } = load;
  const spentSteps = new Map<Visitor, number>();
  const nextCounter = inTurn(counters);
  const next = inTurn(visitors);
  return {
    prepare: async () => {
      spentSteps.clear();
      await database.owner.query('update countersign.authenticator set last_step = -1');
      // A round leaves as many dead rows as people; autovacuum would be too late for a short one.
      await database.owner.query('vacuum countersign.authenticator');
    },
    step: async () => {
      const visitor = next();
      const found = codeAfter(visitor.person.totpKey, spentSteps.get(visitor) ?? -1);
      if (found === null) return false;
      spentSteps.set(visitor, found.step);
      await confirm(load, visitor, { counterId: nextCounter().id, code: found.code });
      return true;
    },
  };
}

async function confirm(
  { client }: LoadStage,
  visitor: Visitor,
  { counterId, code }: { readonly counterId: string; readonly code: string },
): Promise<void> {
  const challenged = await client.send({
    method: 'POST',
    path: '/api/bumps',
    headers: headersOf(visitor),
    json: { id: counterId },
  });
  const body: unknown = JSON.parse(expectStatus(challenged, 401).text);
  const { id } = challengedSchema.parse(body).challenge;
  const confirmed = await client.send({
    method: 'POST',
    path: `/api/step-up/${id}/verify`,
    headers: headersOf(visitor),
    json: { method: 'totp', code },
  });
  visitor.cookie = expectStatus(confirmed, 200).cookies[0] ?? visitor.cookie;
}

function bareSide({ client, visitors }: LoadStage): Side {
  const next = inTurn(visitors);
  return {
    step: async () => {
      const visitor = next();
      const answer = await client.send({
        method: 'POST',
        path: `${BARE_AUTH_PATH}/two-factor/verify-totp`,
        headers: headersOf(visitor),
        json: { code: presentCode(visitor.person.totpKey) },
      });
      expectStatus(answer, 200);
      return true;
    },
  };
}
