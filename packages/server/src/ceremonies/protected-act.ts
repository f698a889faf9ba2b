import { canonicalBytes, sha256 } from '@countersign/log';
import type { Challenge, Display, ProblemCode, Receipt } from '../contract/index.ts';
import type { EventInput } from '../events/entry.ts';
import { decideStepUp } from '../policy/operation-requirement.ts';
import type { Actor, Operation, Resolved } from './operation.ts';
import type { RequestSource, StepUpRow, Transactions, Unit } from './ports.ts';
import { bearerHash, sourceFields } from './sign-in.ts';
import { CHALLENGE_SECONDS } from './step-up.ts';

/** One request for one protected operation, parsed. */
export interface ProtectedRequest<P extends object, Tx> {
  readonly name: string;
  readonly operation: Operation<P, Tx>;
  readonly actor: Actor;
  readonly params: P;
  readonly source: RequestSource;
}

export interface Refusal {
  readonly kind: 'refused';
  readonly code: ProblemCode;
  readonly challenge?: Challenge;
}

export type GrantLookup =
  | { readonly kind: 'usable'; readonly row: StepUpRow }
  | { readonly kind: 'replay'; readonly response: string }
  | Refusal;

/** Lower-case hex SHA-256 of the RFC 8785 form of the parameters, without their secret fields. */
export function hashParameters(params: object, secretFields: readonly string[]): string {
  const open = Object.entries(params).filter(([name]) => !secretFields.includes(name));
  return hex(sha256(canonicalBytes(Object.fromEntries(open))));
}

/**
 * Finds what a presented grant is good for. A consumed one gives the stored answer for the same
 * parameters, whatever its age: the act is done and the retry must not do it twice.
 */
export async function lookUpGrant<P extends object, Tx>(
  transactions: Transactions<Tx>,
  request: ProtectedRequest<P, Tx>,
  grant: string,
): Promise<GrantLookup> {
  return transactions.transaction(async (unit) => {
    const row = await unit.stepUps.findByGrant(bearerHash(grant));
    const { actor, operation } = request;
    const isOurs =
      row !== null &&
      row.sid === actor.sid &&
      row.userId === actor.userId &&
      row.tenantId === actor.tenantId;
    if (!isOurs) return refuseAndChallenge(unit, request, 'grant_unknown');
    const fits =
      row.operation === request.name &&
      row.parametersHash === hashParameters(request.params, operation.secretFields);
    if (row.consumedAt !== null) {
      if (fits && row.response !== null) return { kind: 'replay', response: row.response };
      await recordRefusal(unit, request, 'grant_consumed');
      return { kind: 'refused', code: 'grant_consumed' };
    }
    if (!fits) return refuseAndChallenge(unit, request, 'grant_mismatch');
    if (row.grantExpiresAt === null || row.grantExpiresAt <= unit.now) {
      return refuseAndChallenge(unit, request, 'grant_expired');
    }
    return { kind: 'usable', row };
  });
}

/** Answers a request without a grant: 403 and 404 first, then enrolment or the challenge. */
export function challengeRequest<P extends object, Tx>(
  transactions: Transactions<Tx>,
  request: ProtectedRequest<P, Tx>,
): Promise<Refusal> {
  return transactions.transaction((unit) => refuseAndChallenge(unit, request, 'step_up_required'));
}

/**
 * Consumes the grant, does the act and records it, in one transaction; all or nothing. A racing
 * request waits for the row and then gets the stored answer.
 *
 * @throws whatever the act throws, after the rollback; the failure is recorded first.
 */
export async function commitAct<P extends object, Tx, R extends object>(
  transactions: Transactions<Tx>,
  options: {
    readonly request: ProtectedRequest<P, Tx>;
    readonly grant: StepUpRow;
    readonly act: (tx: Tx, unit: Unit) => Promise<R>;
  },
): Promise<{ readonly kind: 'committed'; readonly response: string } | Refusal> {
  const { request, grant, act } = options;
  try {
    const response = await transactions.transaction(async (unit) => {
      if (!(await unit.stepUps.consume(grant.id, unit.now))) throw new Rollback('grant_expired');
      const resolved = await authorizeAndResolve(unit, request);
      if (resolved.kind === 'refused') throw new Rollback(resolved.code);
      const displayHash = hashDisplay(resolved.value, grant.displaySalt);
      if (displayHash !== grant.displayHash) throw new Rollback('grant_mismatch');
      const result = await act(unit.tx, unit);
      const receipt = await recordCommit(unit, request, grant);
      const text = JSON.stringify({ ...result, receipt });
      await unit.stepUps.keepResponse(grant.id, text);
      return text;
    });
    return { kind: 'committed', response };
  } catch (error) {
    if (!(error instanceof Rollback)) {
      await transactions.transaction((unit) =>
        unit.record({ event: 'operation.failed', outcome: 'failure', ...fields(request) }),
      );
      throw error;
    }
    return afterRollback(transactions, options, error.code);
  }
}

/** Undoes the transaction of an act that was refused at the last gate. Never leaves this file. */
class Rollback extends Error {
  readonly code: ProblemCode;
  constructor(code: ProblemCode) {
    super(code);
    this.code = code;
  }
}

async function afterRollback<P extends object, Tx>(
  transactions: Transactions<Tx>,
  { request, grant }: { request: ProtectedRequest<P, Tx>; grant: StepUpRow },
  code: ProblemCode,
): Promise<{ readonly kind: 'committed'; readonly response: string } | Refusal> {
  return transactions.transaction(async (unit) => {
    const row = await unit.stepUps.lock(grant.id, grant.sid);
    if (row?.response) return { kind: 'committed', response: row.response };
    if (code === 'grant_expired' || code === 'grant_mismatch') {
      return refuseAndChallenge(unit, request, code);
    }
    await recordRefusal(unit, request, code);
    return { kind: 'refused', code };
  });
}

async function refuseAndChallenge<P extends object, Tx>(
  unit: Unit & { readonly tx: Tx },
  request: ProtectedRequest<P, Tx>,
  code: ProblemCode,
): Promise<Refusal> {
  const resolved = await authorizeAndResolve(unit, request);
  if (resolved.kind === 'refused') {
    await recordRefusal(unit, request, resolved.code);
    return resolved;
  }
  const { actor, operation } = request;
  const authenticator = await unit.authenticators.lockTotp(actor.userId);
  const decision = decideStepUp(operation.requirement, { totp: authenticator?.bound === true });
  if (decision.kind === 'enrolment_required') {
    await recordRefusal(unit, request, 'enrolment_required');
    return { kind: 'refused', code: 'enrolment_required' };
  }
  if (code !== 'step_up_required') await recordRefusal(unit, request, code);
  const display = displayOf(resolved.value);
  const expiresAt = new Date(unit.now.getTime() + CHALLENGE_SECONDS * 1000);
  const parametersHash = hashParameters(request.params, operation.secretFields);
  const displaySalt = unit.newSalt();
  const displayHash = hashDisplay(resolved.value, displaySalt);
  const id = await unit.stepUps.open({
    sid: actor.sid,
    userId: actor.userId,
    tenantId: actor.tenantId,
    operation: request.name,
    parametersHash,
    displayHash,
    displaySalt,
    display,
    methods: decision.methods,
    now: unit.now,
    expiresAt,
  });
  await unit.record({
    event: 'step-up.required',
    outcome: 'denied',
    ...fields(request),
    details: { stepUpId: id, parametersHash, displayHash },
  });
  const challenge = {
    id,
    expiresAt: expiresAt.toISOString(),
    methods: [...decision.methods],
    display,
  };
  return { kind: 'refused', code, challenge };
}

/** Session and membership are locked first, so that neither can end under a running act. */
async function authorizeAndResolve<P extends object, Tx>(
  unit: Unit & { readonly tx: Tx },
  { actor, operation, params }: ProtectedRequest<P, Tx>,
): Promise<{ readonly kind: 'resolved'; readonly value: Resolved } | Refusal> {
  if ((await unit.sessions.lock(actor.sid)) === null) {
    return { kind: 'refused', code: 'session_required' };
  }
  const role = await unit.sessions.lockRole(actor.userId, actor.tenantId);
  if (role === null || role !== actor.role) return { kind: 'refused', code: 'forbidden' };
  if (!(await operation.authorize(actor, params, unit.tx))) {
    return { kind: 'refused', code: 'forbidden' };
  }
  const value = await operation.resolve(params, unit.tx, actor);
  return value === null ? { kind: 'refused', code: 'not_found' } : { kind: 'resolved', value };
}

async function recordCommit<P extends object, Tx>(
  unit: Unit,
  request: ProtectedRequest<P, Tx>,
  grant: StepUpRow,
): Promise<Receipt> {
  const entry = await unit.record({
    event: 'operation.committed',
    outcome: 'success',
    ...fields(request),
    methods: ['otp'],
    aal: 2,
    details: {
      stepUpId: grant.id,
      sid: grant.sid,
      parametersHash: grant.parametersHash,
      displayHash: grant.displayHash,
      total: grant.display.total,
    },
  });
  return {
    id: entry.id,
    operation: request.name,
    parametersHash: grant.parametersHash,
    displayHash: grant.displayHash,
    tenantId: request.actor.tenantId,
    method: grant.method ?? 'totp',
    aal: 2,
    committedAt: unit.now.toISOString(),
    entryHash: hex(entry.leafHash),
  };
}

function recordRefusal<P extends object, Tx>(
  unit: Unit,
  request: ProtectedRequest<P, Tx>,
  reason: ProblemCode,
): Promise<unknown> {
  return unit.record({
    event: 'operation.refused',
    outcome: 'denied',
    ...fields(request),
    reason,
  });
}

function fields<P extends object, Tx>({
  name,
  actor,
  source,
}: ProtectedRequest<P, Tx>): Omit<EventInput, 'event' | 'outcome'> {
  return {
    operation: name,
    actorId: actor.userId,
    tenantId: actor.tenantId,
    requestId: source.requestId,
    personal: sourceFields(source),
  };
}

const SHOWN_ITEMS = 20;

function displayOf(resolved: Resolved): Display {
  return {
    title: resolved.title,
    action: resolved.action,
    facts: [...resolved.facts],
    items: resolved.items.slice(0, SHOWN_ITEMS),
    total: resolved.items.length,
    itemsLabel: resolved.itemsLabel,
    irreversible: resolved.irreversible,
  };
}

function hashDisplay(resolved: Resolved, salt: string): string {
  return hex(sha256(canonicalBytes({ salt, shown: resolved })));
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}
