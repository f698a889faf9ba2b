import type { Challenge, ProblemCode } from '../contract/index.ts';
import { decideStepUp, maxAgeSeconds } from '../policy/operation-requirement.ts';
import { actFields, type Change, describeCommit, recordRefusal } from './act-entries.ts';
import { displayOf, hashDisplay, hashParameters } from './act-hashes.ts';
import { confirmationFacts } from './confirmation-facts.ts';
import type { Actor, Operation, Resolved } from './operation.ts';
import type { AuthenticationSession, RequestSource, Unit } from './ports.ts';
import { openAnswer, sealAnswer } from './sealed-answer.ts';
import { bearerHash } from './sign-in.ts';
import { CHALLENGE_SECONDS } from './step-up.ts';
import type { ActorStanding, FirstLocks, LockedGrant, StepUpRow } from './step-up-ports.ts';
import { CHALLENGES_PER_MINUTE, countRefusedChallenge } from './window-limits.ts';

/** One request for one protected operation, parsed. */
export interface ProtectedRequest<P extends object, Tx> {
  readonly name: string;
  readonly operation: Operation<P, Tx>;
  readonly actor: Actor;
  readonly params: P;
  readonly source: RequestSource;
  readonly grant: string | null;
  /** The token of the cookie it came with: a request that was held back must not outlive it. */
  readonly token: string;
  /** Whether the operation's secret fields were checked for this request and were right. */
  readonly isPasswordProved: boolean;
  readonly issuer: string | null;
}

export interface Refusal {
  readonly kind: 'refused';
  readonly code: ProblemCode;
  readonly challenge?: Challenge;
  readonly retryAfterSeconds?: number;
}

/** A request that may be acted on, now, in this transaction. */
export interface Proved {
  readonly kind: 'proved';
  /** The grant it rests on; null when recent authentication or the password is enough. */
  readonly grant: StepUpRow | null;
  readonly session: AuthenticationSession | null;
  readonly parametersHash: string;
  readonly displayHash: string;
  readonly total: number;
}

export type Proving = Proved | { readonly kind: 'replay'; readonly answer: string } | Refusal;

type Asked<P extends object, Tx> = ProtectedRequest<P, Tx>;
type TxUnit<Tx> = Unit & { readonly tx: Tx };

/** What a request's transaction begins with: its grant or its session, locked with the membership. */
export type FirstLock =
  | { readonly kind: 'grant'; readonly grant: string; readonly found: LockedGrant | null }
  | { readonly kind: 'actor'; readonly standing: ActorStanding | null };

/** Sends the first statement of a request's transaction at once. */
export async function lockFirst<P extends object, Tx>(
  locks: Pick<FirstLocks, 'lockActor' | 'lockGrant'>,
  request: Asked<P, Tx>,
): Promise<FirstLock> {
  const { grant, actor, token } = request;
  if (grant === null) return { kind: 'actor', standing: await standingOf(locks, request) };
  const found = await locks.lockGrant(bearerHash(grant), { sid: actor.sid, token });
  return { kind: 'grant', grant, found };
}

/**
 * Decides whether a request may act: with its grant, by recent authentication, or not at all. Session,
 * membership and the grant's row stay locked to the transaction's end, so that a racing request waits
 * and then gets the stored answer. A refusal is recorded and committed.
 */
export async function proveAct<P extends object, Tx>(
  unit: TxUnit<Tx>,
  request: Asked<P, Tx>,
  locked: Promise<FirstLock>,
): Promise<Proving> {
  const first = await locked;
  return first.kind === 'grant'
    ? proveGrant(unit, request, first)
    : proveWithoutGrant(unit, request, { code: 'step_up_required', standing: first.standing });
}

/**
 * The stored answer of a consumed grant, or null. Asked before secret fields are checked: after the
 * act they may no longer be right.
 */
export async function findAnswer<P extends object, Tx>(
  unit: Unit,
  request: Asked<P, Tx>,
): Promise<string | null> {
  const { grant } = request;
  if (grant === null) return null;
  const row = await unit.stepUps.findByGrant(bearerHash(grant));
  if (row === null || row.consumedAt === null || !isOurs(row, request)) return null;
  return row.sealedAnswer !== null && fits(row, request)
    ? openAnswer(grant, row.sealedAnswer)
    : null;
}

/** Records the act, spends its grant, keeps the answer, and commits. */
export async function finishAct<P extends object, Tx>(
  unit: Unit,
  options: {
    readonly request: Asked<P, Tx>;
    readonly proved: Proved;
    readonly result: object;
    readonly change: Change;
  },
): Promise<string> {
  const { request, proved, result, change } = options;
  const { entry, receipt } = describeCommit(unit, request, proved, change);
  const answer = JSON.stringify({ ...result, receipt });
  const { grant } = proved;
  if (grant === null || request.grant === null) {
    await unit.finish(() => unit.stepUps.append(entry));
    return answer;
  }
  const sealedAnswer = sealAnswer(request.grant, answer);
  const consumed = { id: grant.id, sealedAnswer, now: unit.now };
  await unit.finish(() => unit.stepUps.consume(consumed, entry));
  return answer;
}

/** Counts a challenge that was one too many, after its transaction was undone; nothing is recorded. */
export async function refuseChallenge<P extends object, Tx>(
  unit: Unit,
  { actor }: Asked<P, Tx>,
): Promise<Refusal> {
  const retryAfterSeconds = await countRefusedChallenge(unit, actor.sid);
  return { kind: 'refused', code: 'too_many_attempts', retryAfterSeconds };
}

async function proveGrant<P extends object, Tx>(
  unit: TxUnit<Tx>,
  request: Asked<P, Tx>,
  { grant, found }: Extract<FirstLock, { kind: 'grant' }>,
): Promise<Proving> {
  const challengeAnew = async (code: ProblemCode) =>
    proveWithoutGrant(unit, request, { code, standing: await standingOf(unit.stepUps, request) });
  if (found === null || !isOurs(found.row, request)) return challengeAnew('grant_unknown');
  const { row, role } = found;
  const isFitting = fits(row, request);
  if (row.consumedAt !== null) {
    if (isFitting && row.sealedAnswer !== null) {
      return { kind: 'replay', answer: openAnswer(grant, row.sealedAnswer) };
    }
    return refuse(unit, request, 'grant_consumed');
  }
  if (!isFitting) return challengeAnew('grant_mismatch');
  const isAlive = row.grantExpiresAt !== null && row.grantExpiresAt > unit.now;
  if (!isAlive || !found.isAuthenticatorBound) return challengeAnew('grant_expired');
  if (role !== request.actor.role) return refuse(unit, request, 'forbidden');
  const resolved = await authorizeAndResolve(unit, request);
  if ('kind' in resolved) return refuse(unit, request, resolved.code);
  const displayHash = hashDisplay(resolved, row.salt);
  if (displayHash !== row.displayHash) return challengeAnew('grant_mismatch');
  if (!(await isStillAllowed(unit, request, row))) return challengeAnew('grant_expired');
  const { parametersHash } = row;
  const total = resolved.items.length;
  return { kind: 'proved', grant: row, session: null, parametersHash, displayHash, total };
}

/** What rests on no authenticator of ours can be withdrawn between the confirmation and the act. */
async function isStillAllowed<P extends object, Tx>(
  unit: Unit,
  request: Asked<P, Tx>,
  row: StepUpRow,
): Promise<boolean> {
  if (row.method !== 'idp' && row.method !== 'email') return true;
  const standing = await standingOf(unit.stepUps, request);
  if (standing === null) return false;
  const decision = decideStepUp(request.operation.requirement, factsOf(unit, request, standing));
  return decision.kind === 'step_up_required' && decision.methods.includes(row.method);
}

/** Answers without a usable grant: 403 and 404 first, then what recent authentication allows. */
async function proveWithoutGrant<P extends object, Tx>(
  unit: TxUnit<Tx>,
  request: Asked<P, Tx>,
  { code, standing }: { readonly code: ProblemCode; readonly standing: ActorStanding | null },
): Promise<Proving> {
  const { actor, operation } = request;
  if (standing === null) {
    const isMember = (await unit.sessions.lockRole(actor.userId, actor.tenantId)) !== null;
    return refuse(unit, request, isMember ? 'session_required' : 'forbidden');
  }
  const { session, role } = standing;
  if (role !== actor.role) return refuse(unit, request, 'forbidden');
  const resolved = await authorizeAndResolve(unit, request);
  if ('kind' in resolved) return refuse(unit, request, resolved.code);
  const salt = unit.newSalt();
  const hashes = {
    parametersHash: hashParameters(request.params, { ...operation, salt }),
    displayHash: hashDisplay(resolved, salt),
  };
  const decision = decideStepUp(operation.requirement, factsOf(unit, request, standing));
  switch (decision.kind) {
    case 'satisfied': {
      const total = resolved.items.length;
      return { kind: 'proved', grant: null, session, ...hashes, total };
    }
    case 'enrolment_required':
    case 'own_factor_required':
      return refuse(unit, request, decision.kind);
    case 'step_up_required': {
      if (code !== 'step_up_required') await recordRefusal(unit, request, code);
      const { methods } = decision;
      const challenge = await openStepUp(unit, request, { resolved, salt, ...hashes, methods });
      return { kind: 'refused', code, challenge };
    }
  }
}

async function openStepUp<P extends object, Tx>(
  unit: Unit,
  request: Asked<P, Tx>,
  options: {
    readonly resolved: Resolved;
    readonly salt: string;
    readonly parametersHash: string;
    readonly displayHash: string;
    readonly methods: Challenge['methods'] | readonly Challenge['methods'][number][];
  },
): Promise<Challenge> {
  const { resolved, salt, parametersHash, displayHash } = options;
  const { actor, operation } = request;
  const { requirement } = operation;
  const methods = [...options.methods];
  const display = displayOf(resolved);
  const windowSeconds = maxAgeSeconds(requirement);
  const expiresAt = new Date(unit.now.getTime() + CHALLENGE_SECONDS * 1000);
  const id = unit.newId();
  const entry = unit.prepare({
    event: 'step-up.required',
    outcome: 'denied',
    ...actFields(request),
    details: { stepUpId: id, parametersHash, displayHash },
  });
  const row = {
    id,
    sid: actor.sid,
    userId: actor.userId,
    tenantId: actor.tenantId,
    operation: request.name,
    parametersHash,
    displayHash,
    salt,
    display,
    methods,
    acr: requirement.acr,
    baseline: requirement.baseline ?? null,
    windowSeconds,
    now: unit.now,
    expiresAt,
  };
  const limit = { atMost: CHALLENGES_PER_MINUTE };
  await unit.finish(() => unit.stepUps.open(row, entry, limit));
  return { id, expiresAt: expiresAt.toISOString(), methods, windowSeconds, display };
}

async function authorizeAndResolve<P extends object, Tx>(
  { tx }: { readonly tx: Tx },
  { actor, operation, params }: Asked<P, Tx>,
): Promise<Resolved | Refusal> {
  if (!(await operation.authorize(actor, params, tx)))
    return { kind: 'refused', code: 'forbidden' };
  const resolved = await operation.resolve(params, tx, actor);
  if (resolved === null) return { kind: 'refused', code: 'not_found' };
  return typeof resolved === 'string' ? { kind: 'refused', code: resolved } : resolved;
}

async function refuse<P extends object, Tx>(
  unit: Unit,
  request: Asked<P, Tx>,
  code: ProblemCode,
): Promise<Refusal> {
  await unit.finish(() => recordRefusal(unit, request, code));
  return { kind: 'refused', code };
}

function standingOf<P extends object, Tx>(
  locks: Pick<FirstLocks, 'lockActor' | 'lockGrant'>,
  { actor, issuer, token }: Asked<P, Tx>,
) {
  const { sid, tenantId } = actor;
  return locks.lockActor({ sid, tenantId, issuer, token });
}

function factsOf<P extends object, Tx>(
  { now }: Unit,
  { isPasswordProved }: Asked<P, Tx>,
  standing: ActorStanding,
) {
  return confirmationFacts(standing, { now, isPasswordProved });
}

/** Everything a grant is bound to but the parameters. */
function isOurs<P extends object, Tx>(row: StepUpRow, { actor }: Asked<P, Tx>): boolean {
  const { sid, userId, tenantId } = actor;
  return row.sid === sid && row.userId === userId && row.tenantId === tenantId;
}

function fits<P extends object, Tx>(
  row: StepUpRow,
  { name, operation, params }: Asked<P, Tx>,
): boolean {
  const given = hashParameters(params, { ...operation, salt: row.salt });
  return row.operation === name && row.parametersHash === given;
}
