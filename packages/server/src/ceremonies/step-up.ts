import type { Grant, StepUpMethod } from '../contract/index.ts';
import { reaches } from '../policy/operation-requirement.ts';
import { emailFactor } from './confirm-by-email.ts';
import { passkeyFactor } from './confirm-by-passkey.ts';
import { providerFactor } from './confirm-by-provider.ts';
import { totpFactor } from './confirm-by-totp.ts';
import {
  amrOf,
  type BeginAnswer,
  type FactorAnswer,
  type FactorContext,
  type FactorPorts,
  type Proof,
} from './factor.ts';
import type { AuthenticationSession, LockedTotp, RequestSource, Unit } from './ports.ts';
import { bearerHash, sourceFields } from './sign-in.ts';
import { type LockedStepUp, SessionGoneError, type StepUpRow } from './step-up-ports.ts';
import type { CodeRefusal } from './verify-totp.ts';

export const CHALLENGE_SECONDS = 300;
export const GRANT_SECONDS = 60;

export interface StepUpAsked {
  readonly id: string;
  readonly session: AuthenticationSession;
  readonly source: RequestSource;
  readonly ports: FactorPorts;
  readonly locked: StepUpLocked;
}

/** What the transaction of a ceremony's step begins with, each locked. */
export interface StepUpLocked {
  readonly stepUp: LockedStepUp | null;
  readonly totp: LockedTotp | null;
}

export type StepUpRefusal =
  | { readonly kind: 'not_found' | 'expired' | 'conflict' | 'method_not_allowed' }
  | CodeRefusal;

export type StepUpAnswer =
  | { readonly kind: 'granted'; readonly grant: Grant; readonly newToken: string }
  | StepUpRefusal;

const factors = {
  totp: totpFactor,
  passkey: passkeyFactor,
  idp: providerFactor,
  email: emailFactor,
} as const;

/** Prepares one of the allowed methods, only in the session that was challenged. */
export async function beginStepUp(
  unit: Unit,
  options: StepUpAsked & { readonly method: StepUpMethod },
): Promise<Exclude<BeginAnswer, { kind: 'unavailable' }> | StepUpRefusal> {
  const { method } = options;
  const opened = await openStepUp(unit, options, method);
  if (!('row' in opened)) return opened;
  const answer = await factors[method].begin({ ...contextOf(unit, options), row: opened.row });
  if (answer.kind === 'begun') return answer;
  const reason = answer.kind === 'throttled' ? answer.reason : answer.kind;
  await recordFailed(unit, options, { row: opened.row, method, reason });
  return answer.kind === 'throttled' ? answer : { kind: 'conflict' };
}

/**
 * Verifies one answer for one challenge, only in the session that was challenged. Issues the grant, or
 * opens the window, and replaces the session's token in the same transaction; the old cookie is dead
 * at commit. Being granted ends the transaction.
 */
export async function answerStepUp(
  unit: Unit,
  options: StepUpAsked & { readonly token: string; readonly proof: Proof },
): Promise<StepUpAnswer> {
  const { proof, ports } = options;
  const { method } = proof;
  const opened = await openStepUp(unit, options, method);
  if (!('row' in opened)) return opened;
  const { row } = opened;
  const answer = await verifyProof({ ...contextOf(unit, options), row }, proof);
  if (answer.kind !== 'accepted') {
    await recordFailed(unit, options, { row, method, reason: answer.reason });
    return answer;
  }
  if (!reaches(answer.confirmation, { acr: row.acr, ...baselineOf(row) })) {
    await recordFailed(unit, options, { row, method, reason: 'below_required' });
    return { kind: 'rejected', reason: 'below_required' };
  }
  const grant = Buffer.from(ports.random.bytes(32)).toString('base64url');
  const isWindow = row.windowSeconds > 0;
  const lifeSeconds = isWindow ? row.windowSeconds : GRANT_SECONDS;
  const expiresAt = new Date(unit.now.getTime() + lifeSeconds * 1000);
  const { confirmation, authenticatorId, assertion, spentStep = null } = answer;
  const newToken = Buffer.from(ports.random.bytes(24)).toString('base64url');
  const fields = {
    ...stepUpFields(options, row, method),
    aal: reaches(confirmation, { acr: 'aal2' }) ? 2 : options.session.aal,
  };
  const entry = unit.prepare({
    event: 'step-up.verified',
    outcome: 'success',
    ...fields,
    details: { ...fields.details, confirmation },
  });
  const accepted = {
    id: row.id,
    session: options.session,
    method,
    confirmation,
    authenticatorId,
    assertion,
    spentStep,
    grantHash: isWindow ? null : bearerHash(grant),
    now: unit.now,
    grantExpiresAt: expiresAt,
    oldToken: options.token,
    newToken,
  };
  const rotated = unit.prepare({
    ...fields,
    event: 'session.rotated',
    outcome: 'success',
    reason: 'step_up',
  });
  await unit.finish(() => unit.stepUps.accept(accepted, [entry, rotated]));
  return {
    kind: 'granted',
    grant: { grant: isWindow ? null : grant, expiresAt: expiresAt.toISOString() },
    newToken,
  };
}

/** Finds the challenge: open, unexpired, of this session, and of a method it offers. */
async function openStepUp(
  unit: Unit,
  options: StepUpAsked,
  method: StepUpMethod,
): Promise<{ readonly row: StepUpRow } | StepUpRefusal> {
  // Policy's facts must hold until the grant is written: the session cannot end meanwhile.
  const { stepUp } = options.locked;
  if (stepUp === null) throw new SessionGoneError();
  const { row } = stepUp;
  if (row === null) {
    await recordFailed(unit, options, { row, method, reason: 'not_found' });
    return { kind: 'not_found' };
  }
  if (row.verifiedAt !== null) return { kind: 'conflict' };
  if (row.expiresAt <= unit.now) {
    await recordFailed(unit, options, { row, method, reason: 'expired' });
    return { kind: 'expired' };
  }
  if (!row.methods.includes(method)) {
    await recordFailed(unit, options, { row, method, reason: 'method_not_allowed' });
    return { kind: 'method_not_allowed' };
  }
  return { row };
}

function contextOf(unit: Unit, { session, source, ports, locked }: StepUpAsked) {
  return { unit, session, source, ports, totp: locked.totp };
}

function verifyProof(context: FactorContext, proof: Proof): Promise<FactorAnswer> {
  switch (proof.method) {
    case 'totp':
      return factors.totp.verify(context, proof);
    case 'passkey':
      return factors.passkey.verify(context, proof);
    case 'idp':
      return factors.idp.verify(context, proof);
    case 'email':
      return factors.email.verify(context, proof);
  }
}

async function recordFailed(
  unit: Unit,
  options: StepUpAsked,
  failed: { row: StepUpRow | null; method: StepUpMethod; reason: string },
): Promise<void> {
  const { row, method, reason } = failed;
  const isFailure = !DENIED.has(reason);
  await unit.record({
    event: 'step-up.failed',
    outcome: isFailure ? 'failure' : 'denied',
    ...stepUpFields(options, row, method),
    reason,
  });
}

/** Refused whatever the answer was; anything else is an answer that was not right. */
const DENIED = new Set([
  'not_found',
  'expired',
  'method_not_allowed',
  'unavailable',
  'backing_off',
  'too_many_codes',
  'locked',
]);

function baselineOf({ baseline }: StepUpRow) {
  return baseline === null ? {} : { baseline };
}

function stepUpFields(
  { session, source }: Pick<StepUpAsked, 'session' | 'source'>,
  row: StepUpRow | null,
  method: StepUpMethod,
) {
  const { userId, tenantId, aal, sid } = session;
  return {
    actorId: userId,
    tenantId,
    operation: row?.operation ?? null,
    methods: [amrOf(method)],
    aal,
    requestId: source.requestId,
    details: row === null ? {} : { stepUpId: row.id, sid, displayHash: row.displayHash },
    personal: sourceFields(source),
  };
}
