import {
  personPassword,
  reservePasswordAttempt,
  settlePasswordAttempt,
} from '../../ceremonies/confirm-password.ts';
import type { Actor } from '../../ceremonies/operation.ts';
import type { RequestSource } from '../../ceremonies/ports.ts';
import { sourceFields } from '../../ceremonies/sign-in.ts';
import type { ServerContext } from '../environment.ts';
import { problemResponse } from '../problem-response.ts';

/**
 * Confirms the person's password inside a session, within the budget that sign-in spends too.
 * Null when it is right; otherwise the refusal, already counted.
 */
export async function refuseWrongPassword(
  { database, passwords }: ServerContext,
  options: { operation: string; actor: Actor; password: string; source: RequestSource },
): Promise<Response | null> {
  const { operation, actor, source } = options;
  const { requestId } = source;
  const reserved = await database.transaction(async (unit) => {
    const subject = await personPassword(unit, actor.userId, source);
    const blocked = await reservePasswordAttempt(unit, { ...subject, source });
    return { subject, blocked, hash: await unit.people.passwordHash(actor.userId) };
  });
  const isRight =
    reserved.blocked === null &&
    reserved.hash !== null &&
    (await passwords.verify({ hash: reserved.hash, password: options.password }));
  await database.transaction(async (unit) => {
    if (isRight) return settlePasswordAttempt(unit, reserved.subject);
    await unit.record({
      event: 'step-up.failed',
      outcome: reserved.blocked === null ? 'failure' : 'denied',
      operation,
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
