import { randomBytes, randomUUID } from 'node:crypto';
import { type Actor, openDatabase, type Resolved, type Tx } from '@countersign/server';
import { type Client, Pool } from 'pg';
import {
  displayOf,
  hashDisplay,
  hashParameters,
} from '../../packages/server/src/ceremonies/act-hashes.ts';
import type { Operation } from '../../packages/server/src/ceremonies/operation.ts';
import { bearerHash } from '../../packages/server/src/ceremonies/sign-in.ts';
import type { EnrolledPerson, PortalSite } from './enrolled-people.ts';

/** One act somebody means to do, and what they would be shown. */
export interface PlannedAct<P extends object> {
  readonly person: EnrolledPerson;
  readonly params: P;
  readonly resolved: Resolved;
}

export interface PreparedGrant {
  readonly stepUpId: string;
  /** Value of the `Countersign-Grant` header. */
  readonly grant: string;
}

const ROWS_A_STATEMENT = 5000;

/** Grants as a confirmed ceremony leaves them, good for an hour, made directly in the database. */
export async function prepareGrants<P extends object>(
  owner: Client,
  { name, operation }: { readonly name: string; readonly operation: Operation<P, Tx> },
  acts: readonly PlannedAct<P>[],
): Promise<PreparedGrant[]> {
  const grants: PreparedGrant[] = [];
  for (let from = 0; from < acts.length; from += ROWS_A_STATEMENT) {
    const rows = acts.slice(from, from + ROWS_A_STATEMENT).map((act) => rowOf(operation, act));
    await owner.query(INSERT, [JSON.stringify(rows), name, operation.requirement.acr]);
    grants.push(...rows.map(({ id, grant }) => ({ stepUpId: id, grant })));
  }
  return grants;
}

/** What each of several acts would show, by the operation itself. */
export async function planActs<P extends object>(
  { urls }: Pick<PortalSite, 'urls'>,
  operation: Operation<P, Tx>,
  acts: readonly Omit<PlannedAct<P>, 'resolved'>[],
): Promise<PlannedAct<P>[]> {
  const pool = new Pool({ connectionString: urls.applicationUrl, max: 1 });
  try {
    return await openDatabase(pool, async () => undefined).transaction(async ({ tx }) => {
      const planned: PlannedAct<P>[] = [];
      for (const act of acts) {
        const resolved = await operation.resolve(act.params, tx, actorFor(act.person));
        if (resolved === null || typeof resolved === 'string') {
          throw new TypeError('there is nothing to confirm');
        }
        planned.push({ ...act, resolved });
      }
      return planned;
    });
  } finally {
    await pool.end();
  }
}

function actorFor(person: EnrolledPerson): Actor {
  const { sid, sessionId, userId, tenantId, tenantName, role } = person;
  return { sid, sessionId, userId, tenantId, tenantName, role, aal: 2 };
}

function rowOf<P extends object>(
  operation: Operation<P, Tx>,
  { person, params, resolved }: PlannedAct<P>,
) {
  const salt = randomBytes(16).toString('base64url');
  const grant = randomBytes(32).toString('base64url');
  return {
    id: randomUUID(),
    grant,
    sid: person.sid,
    userId: person.userId,
    tenantId: person.tenantId,
    authenticatorId: person.authenticatorId,
    parametersHash: hashParameters(params, { ...operation, salt }),
    displayHash: hashDisplay(resolved, salt),
    salt,
    display: displayOf(resolved),
    grantHash: Buffer.from(bearerHash(grant)).toString('hex'),
  };
}

const INSERT = `
  insert into countersign.step_up (id, sid, user_id, tenant_id, operation, parameters_hash,
    display_hash, salt, display, methods, acr, window_seconds, created_at, expires_at, method,
    confirmation, authenticator_id, verified_at, grant_hash, grant_expires_at)
  select g.id, g.sid, g."userId", g."tenantId", $2, g."parametersHash", g."displayHash", g.salt,
         g.display, '{totp}', $3, 0, now(), now() + interval '1 hour', 'totp', 'aal2',
         g."authenticatorId", now(), decode(g."grantHash", 'hex'), now() + interval '1 hour'
  from jsonb_to_recordset($1::jsonb) as g (id uuid, sid uuid, "userId" text, "tenantId" text,
    "authenticatorId" uuid, "parametersHash" text, "displayHash" text, salt text, display jsonb,
    "grantHash" text)`;
