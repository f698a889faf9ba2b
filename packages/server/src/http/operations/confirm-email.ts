import { z } from 'zod';
import { endOthers } from '../../ceremonies/enrolment.ts';
import { notices } from '../../ceremonies/notices.ts';
import type { AuthenticationSession, RequestSource, Unit } from '../../ceremonies/ports.ts';
import { sourceFields } from '../../ceremonies/sign-in.ts';
import { countFailure, refuseByBudget } from '../../ceremonies/verify-totp.ts';
import { isEmailCode } from '../../factors/email-code.ts';
import type { Tx } from '../../storage/transaction.ts';
import type { ServerContext } from '../environment.ts';
import { parseJsonBody } from '../parse-json-body.ts';
import { problemResponse } from '../problem-response.ts';
import { type Routes, refuse } from '../routes.ts';

const requestSchema = z.strictObject({ code: z.string().max(32) });

type Confirmation =
  | { readonly kind: 'changed'; readonly email: string }
  | { readonly kind: 'rejected' | 'taken' }
  | { readonly kind: 'throttled'; readonly retryAfterSeconds: number };

/** `POST /api/account/email/confirm`: the code from the new address, in the session that asked. */
export function addConfirmEmailRoute(context: ServerContext, routes: Routes): void {
  routes.exempt(
    'POST',
    '/api/account/email/confirm',
    { reason: 'finishes account.change-email, in the same session, with the code it sent' },
    async (c, member) => {
      const source = c.get('source');
      const { requestId } = source;
      if (member.impersonatedBy !== null) return refuse(context, c, 'impersonation_forbidden');
      const body = await parseJsonBody(c.req.raw, requestSchema, requestId);
      if (body instanceof Response) return body;
      const { code } = body.value;
      const { session } = member;
      const { codeKey } = context;
      const result = await context.database.transaction((unit) =>
        confirm(unit, { session, source, code, codeKey }),
      );
      switch (result.kind) {
        case 'changed':
          return c.json({ email: result.email });
        case 'rejected':
          return problemResponse('code_rejected', { requestId });
        case 'taken':
          return problemResponse('conflict', { requestId });
        case 'throttled':
          return problemResponse('too_many_attempts', {
            requestId,
            retryAfterSeconds: result.retryAfterSeconds,
          });
      }
    },
  );
}

interface Given {
  readonly session: AuthenticationSession;
  readonly source: RequestSource;
  readonly code: string;
  readonly codeKey: Uint8Array;
}

async function confirm(unit: Unit & { readonly tx: Tx }, given: Given): Promise<Confirmation> {
  const { session, source, code, codeKey } = given;
  const { userId, sid } = session;
  if ((await unit.sessions.lockForChange(sid)) === null) return { kind: 'rejected' };
  const subject = `new-address:${userId}`;
  const blocked = await refuseByBudget(unit, subject, 'stranger');
  if (blocked !== null) {
    await recordRefused(unit, given, blocked.reason);
    return blocked;
  }
  const change = await unit.tx
    .selectFrom('countersign.email_change')
    .selectAll()
    .where('user_id', '=', userId)
    .where('sid', '=', sid)
    .where('expires_at', '>', unit.now)
    .forUpdate()
    .executeTakeFirst();
  const isRight =
    change !== undefined &&
    isEmailCode({
      key: codeKey,
      requestId: `${userId} ${change.new_email}`,
      code,
      expectedHash: change.code_hash,
    });
  if (!isRight) {
    await countFailure(unit, { subject, lane: 'stranger', userId, source });
    await recordRefused(unit, given, change === undefined ? 'not_started' : 'wrong');
    return { kind: 'rejected' };
  }
  await unit.budgets.reset(subject, 'stranger');
  await unit.tx.deleteFrom('countersign.email_change').where('user_id', '=', userId).execute();
  return apply(unit, given, change.new_email);
}

async function apply(
  unit: Unit & { readonly tx: Tx },
  given: Given,
  email: string,
): Promise<Confirmation> {
  const { session, source } = given;
  const { userId } = session;
  const before = await unit.people.find(userId);
  if (before === null || (await unit.people.findByEmail(email)) !== null) {
    await recordRefused(unit, given, 'address_taken');
    return { kind: 'taken' };
  }
  await unit.tx
    .updateTable('user')
    .set({ email, emailVerified: true })
    .where('id', '=', userId)
    .execute();
  await unit.addressProofs.forget(userId);
  const verified = { email, verified_at: unit.now };
  await unit.tx
    .insertInto('countersign.verified_address')
    .values({ user_id: userId, ...verified })
    .onConflict((conflict) => conflict.column('user_id').doUpdateSet(verified))
    .execute();
  await unit.record({
    event: 'account.email-changed',
    outcome: 'success',
    ...fields(given),
    personal: { ...sourceFields(source), 'before.email': before.email, 'after.email': email },
  });
  await endOthers(unit, given, 'address_changed');
  for (const to of [before.email, email]) {
    await unit.notify(notices.emailChanged(to, before, unit.now));
  }
  return { kind: 'changed', email };
}

async function recordRefused(unit: Unit, given: Given, reason: string): Promise<void> {
  await unit.record({
    event: 'account.email-changed',
    outcome: reason === 'wrong' ? 'failure' : 'denied',
    ...fields(given),
    reason,
  });
}

function fields({ session, source }: Given) {
  return {
    actorId: session.userId,
    tenantId: session.tenantId,
    aal: session.aal,
    methods: ['email'] as const,
    requestId: source.requestId,
    personal: sourceFields(source),
  };
}
