import type { Grant } from '../contract/index.ts';
import type {
  AuthenticationSession,
  Randomness,
  RequestSource,
  StepUpRow,
  TotpVerifier,
  Unit,
} from './ports.ts';
import { bearerHash, sourceFields } from './sign-in.ts';
import { type CodeRefusal, verifyTotp } from './verify-totp.ts';

export const CHALLENGE_SECONDS = 300;
export const GRANT_SECONDS = 60;

export type StepUpAnswer =
  | { readonly kind: 'granted'; readonly grant: Grant; readonly newToken: string }
  | { readonly kind: 'not_found' }
  | { readonly kind: 'expired' }
  | { readonly kind: 'conflict' }
  | CodeRefusal;

/**
 * Verifies one code for one challenge, only in the session that was challenged. Issues the grant
 * and replaces the session's token in the same transaction; the old cookie is dead at commit.
 */
export async function answerStepUp(
  unit: Unit,
  options: {
    readonly id: string;
    readonly session: AuthenticationSession;
    readonly token: string;
    readonly code: string;
    readonly verifier: TotpVerifier;
    readonly random: Randomness;
    readonly source: RequestSource;
  },
): Promise<StepUpAnswer> {
  const { session, random } = options;
  const row = await unit.stepUps.lock(options.id, session.sid);
  if (row === null) {
    await unit.record({
      event: 'step-up.failed',
      outcome: 'denied',
      actorId: session.userId,
      tenantId: session.tenantId,
      requestId: options.source.requestId,
      reason: 'not_found',
      personal: sourceFields(options.source),
    });
    return { kind: 'not_found' };
  }
  if (row.verifiedAt !== null) return { kind: 'conflict' };
  if (row.expiresAt <= unit.now) {
    await unit.record({
      event: 'step-up.failed',
      outcome: 'denied',
      ...stepUpFields(options, row),
      reason: 'expired',
    });
    return { kind: 'expired' };
  }

  const result = await verifyTotp(unit, options.verifier, {
    userId: session.userId,
    code: options.code,
    source: options.source,
  });
  if (result.kind === 'accepted' && !result.bound) return { kind: 'conflict' };
  if (result.kind !== 'accepted') {
    await unit.record({
      event: 'step-up.failed',
      outcome: result.kind === 'throttled' ? 'denied' : 'failure',
      ...stepUpFields(options, row),
      reason: result.reason,
    });
    return result;
  }

  const grant = Buffer.from(random.bytes(32)).toString('base64url');
  const grantExpiresAt = new Date(unit.now.getTime() + GRANT_SECONDS * 1000);
  const verified = await unit.stepUps.verify({
    id: row.id,
    method: 'totp',
    authenticatorId: result.authenticatorId,
    grantHash: bearerHash(grant),
    now: unit.now,
    grantExpiresAt,
  });
  if (!verified) return { kind: 'conflict' };
  const newToken = Buffer.from(random.bytes(24)).toString('base64url');
  if (!(await unit.sessions.rotate(session.sessionId, options.token, newToken))) {
    throw new SessionGoneError();
  }
  await unit.sessions.raise(session.sid, 2, 'otp');
  const fields = stepUpFields(options, row);
  await unit.record({ event: 'step-up.verified', outcome: 'success', ...fields, aal: 2 });
  await unit.record({ event: 'session.rotated', outcome: 'success', ...fields, reason: 'step_up' });
  return { kind: 'granted', grant: { grant, expiresAt: grantExpiresAt.toISOString() }, newToken };
}

/** The session ended or rotated under the ceremony: everything in the transaction is undone. */
export class SessionGoneError extends Error {
  override readonly name = 'SessionGoneError';
  readonly code = 'session_required';
}

function stepUpFields(
  { session, source }: { session: AuthenticationSession; source: RequestSource },
  row: StepUpRow,
) {
  return {
    actorId: session.userId,
    tenantId: session.tenantId,
    operation: row.operation,
    methods: ['otp'] as const,
    aal: session.aal,
    requestId: source.requestId,
    details: { stepUpId: row.id, sid: session.sid, displayHash: row.displayHash },
    personal: sourceFields(source),
  };
}
