import { z } from 'zod';
import {
  personPassword,
  reservePasswordAttempt,
  settlePasswordAttempt,
} from '../ceremonies/confirm-password.ts';
import { removeAuthenticator } from '../ceremonies/enrolment.ts';
import type { Actor } from '../ceremonies/operation.ts';
import { operation, secret } from '../ceremonies/operation.ts';
import type { RequestSource } from '../ceremonies/ports.ts';
import { sourceFields } from '../ceremonies/sign-in.ts';
import type { Database, Tx } from '../storage/database.ts';
import type { Proof } from './guard.ts';
import { problemResponse } from './problem-response.ts';

export type PasswordVerifier = (options: { hash: string; password: string }) => Promise<boolean>;

const schema = z.strictObject({
  id: z.uuid(),
  password: z.string().min(1).max(256).meta(secret),
});

export type RemovalParameters = z.infer<typeof schema>;

/** Turning off an authenticator: the password and a code from it, bound to this one row. */
export const authenticatorRemoval = operation<RemovalParameters>(schema)
  .authorize(
    async (actor, params, tx: Tx) =>
      (await tx
        .selectFrom('countersign.authenticator')
        .select('id')
        .where('id', '=', params.id)
        .where('user_id', '<>', actor.userId)
        .executeTakeFirst()) === undefined,
  )
  .resolve(async (params, tx, actor) => {
    const row = await tx
      .selectFrom('countersign.authenticator as a')
      .innerJoin('twoFactor as t', 't.id', 'a.external_id')
      .select('a.bound_at')
      .where('a.id', '=', params.id)
      .where('a.user_id', '=', actor.userId)
      .where('t.verified', '=', true)
      .executeTakeFirst();
    if (row === undefined) return null;
    return {
      title: 'Turn off your authenticator app',
      action: 'Turn off',
      facts: [
        { label: 'Recovery codes', value: 'stop working' },
        { label: 'Other devices', value: 'are signed out' },
        { label: 'Account in', value: actor.tenantName },
      ],
      itemsLabel: 'Authenticator',
      items: ['Authenticator app'],
      irreversible: false,
    };
  })
  .requires({ acr: 'aal2', maxAge: 0 });

/** Does the removal through its proof; the same for both doors that lead here. */
export function removeThrough(
  proof: Proof,
  params: RemovalParameters,
  source: RequestSource,
): Promise<{ removed: boolean; receipt: object }> {
  return proof.commit(async (_tx, unit) => {
    const session = await unit.sessions.lock(proof.actor.sid);
    if (session === null) throw new TypeError('the session ended under its own lock');
    const removed = await removeAuthenticator(unit, {
      authenticatorId: params.id,
      session,
      source,
    });
    return { removed };
  });
}

/**
 * Confirms the person's password inside a session, within the budget that sign-in spends too.
 * Null when it is right; otherwise the refusal, already counted.
 */
export async function refuseWrongPassword(
  database: Database,
  verify: PasswordVerifier,
  options: { actor: Actor; password: string; source: RequestSource },
): Promise<Response | null> {
  const { actor, source } = options;
  const { requestId } = source;
  const subject = personPassword(actor.userId);
  const reserved = await database.transaction(async (unit) => ({
    blocked: await reservePasswordAttempt(unit, { subject, userId: actor.userId, source }),
    hash: await unit.people.passwordHash(actor.userId),
  }));
  const isRight =
    reserved.blocked === null &&
    reserved.hash !== null &&
    (await verify({ hash: reserved.hash, password: options.password }));
  await database.transaction(async (unit) => {
    if (isRight) return settlePasswordAttempt(unit, subject);
    await unit.record({
      event: 'step-up.failed',
      outcome: reserved.blocked === null ? 'failure' : 'denied',
      operation: 'authenticator.remove',
      actorId: actor.userId,
      tenantId: actor.tenantId,
      methods: ['pwd'],
      requestId,
      reason: reserved.blocked?.reason ?? 'wrong_password',
      personal: sourceFields(source),
    });
  });
  if (isRight) return null;
  return reserved.blocked === null
    ? problemResponse('password_rejected', { requestId })
    : problemResponse('too_many_attempts', {
        requestId,
        retryAfterSeconds: reserved.blocked.retryAfterSeconds,
      });
}
