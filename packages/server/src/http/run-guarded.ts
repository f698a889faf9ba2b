import { type Change, recordFailure, recordRefusal } from '../ceremonies/act-entries.ts';
import type { Actor, Operation } from '../ceremonies/operation.ts';
import type { OpenUnit, RequestSource } from '../ceremonies/ports.ts';
import {
  type FirstLock,
  findAnswer,
  finishAct,
  lockFirst,
  type ProtectedRequest,
  type Proved,
  proveAct,
  type Refusal,
  refuseChallenge,
} from '../ceremonies/protected-act.ts';
import { TooManyChallengesError } from '../ceremonies/step-up-ports.ts';
import type { ProblemCode } from '../contract/index.ts';
import { clientOf, type Tx } from '../storage/transaction.ts';
import type { ServerContext } from './environment.ts';
import type { Act, Proof } from './guard.ts';
import { prepareOutside, preparesOnce, Unprepared } from './prepare-outside.ts';
import { problemResponse } from './problem-response.ts';

export interface GuardedCall<P extends object> {
  readonly name: string;
  readonly operation: Operation<P, Tx>;
  readonly actor: Actor;
  readonly params: P;
  readonly source: RequestSource;
  readonly impersonatedBy: string | null;
  readonly grant: string | null;
  /** The token of the cookie the request came with. */
  readonly token: string;
  readonly status: number;
  readonly checkSecrets?: () => Promise<Response | null>;
  readonly handle: (proof: Proof) => Promise<Response>;
}

/**
 * Thrown by an act that finds, at the last moment, that it must not happen: everything is undone and
 * the caller gets this refusal.
 */
export class ActRefused extends Error {
  override readonly name = 'ActRefused';
  readonly code: ProblemCode;
  readonly retryAfterSeconds: number | undefined;
  constructor(code: ProblemCode, options: { readonly retryAfterSeconds?: number } = {}) {
    super(code);
    this.code = code;
    this.retryAfterSeconds = options.retryAfterSeconds;
  }
}

/** The request-level core, apart from any framework: secrets, proof, handler, and one answer. */
export async function runGuarded<P extends object>(
  context: ServerContext,
  call: GuardedCall<P>,
): Promise<Response> {
  const { name, operation, actor, params, source, grant, token, status } = call;
  const { database } = context;
  const { requestId } = source;
  const asked = { name, operation, actor, params, source, grant, token };
  const issuer = context.identityProviders.installation?.issuer ?? null;
  const request = { ...asked, issuer, isPasswordProved: call.checkSecrets !== undefined };
  if (call.impersonatedBy !== null) {
    await database.transaction((unit) => recordRefusal(unit, request, 'impersonation_forbidden'));
    return problemResponse('impersonation_forbidden', { requestId, operation: name });
  }
  if (call.checkSecrets !== undefined) {
    const answer =
      grant === null ? null : await database.transaction((unit) => findAnswer(unit, request));
    if (answer !== null) return jsonResponse(answer, status);
    const fault = await call.checkSecrets();
    if (fault !== null) return fault;
  }
  const outcome = await prepareOutside(actor.sid, (prepare) =>
    proveAndHandle(context, request, { ...call, prepare }),
  );
  return settle(context, request, { outcome, status });
}

type Outcome =
  | { readonly kind: 'answered'; readonly response: Response }
  | { readonly kind: 'replay'; readonly answer: string }
  | Refusal
  | { readonly kind: 'stopped'; readonly refused: ActRefused }
  | { readonly kind: 'withheld' }
  | { readonly kind: 'failed'; readonly error: unknown };

async function proveAndHandle<P extends object>(
  { database }: ServerContext,
  request: ProtectedRequest<P, Tx>,
  { handle, status, prepare }: GuardedCall<P> & Pick<Proof, 'prepare'>,
): Promise<Outcome> {
  try {
    const handleIn = async (unit: OpenUnit<Tx>, locked: Promise<FirstLock>): Promise<Outcome> => {
      const proved = await proveAct(unit, request, locked);
      if (proved.kind !== 'proved') {
        if (unit.isOpen) await unit.commit();
        return proved;
      }
      const committed: { answer?: string } = {};
      let isUsed = false;
      const proof: Proof = {
        actor: request.actor,
        prepare: preparesOnce(prepare),
        commit: async (act) => {
          if (isUsed) throw new TypeError('a proof commits once');
          isUsed = true;
          committed.answer = await commitAct(unit, { request, proved, act });
          return JSON.parse(committed.answer);
        },
      };
      const response = await handle(proof);
      const { answer } = committed;
      const isExact =
        answer !== undefined && response.status === status && (await response.text()) === answer;
      const { headers } = response;
      return isExact
        ? { kind: 'answered', response: new Response(answer, { status, headers }) }
        : { kind: 'withheld' };
    };
    const { operation, actor } = request;
    if (operation.lockFirst === undefined) {
      return await database.lockedTransaction((locks) => lockFirst(locks, request), handleIn);
    }
    // What an operation locks before anything else cannot travel with the beginning.
    return await database.openTransaction(async (unit) => {
      await operation.lockFirst?.(actor, unit.tx);
      return handleIn(unit, lockFirst(unit.stepUps, request));
    });
  } catch (error) {
    if (error instanceof Unprepared) throw error;
    if (error instanceof TooManyChallengesError) {
      return database.transaction((unit) => refuseChallenge(unit, request));
    }
    return error instanceof ActRefused
      ? { kind: 'stopped', refused: error }
      : { kind: 'failed', error };
  }
}

async function commitAct<P extends object, R extends object>(
  unit: OpenUnit<Tx>,
  options: {
    readonly request: ProtectedRequest<P, Tx>;
    readonly proved: Proved;
    readonly act: Act<R>;
  },
): Promise<string> {
  const { request, proved, act } = options;
  let change: Change = {};
  const result = await act(unit.tx, {
    client: clientOf(unit.tx),
    unit,
    changed: (it) => {
      change = it;
    },
  });
  return finishAct(unit, { request, proved, result, change });
}

/** What went wrong is recorded in a transaction of its own, once the act's is over. */
async function settle<P extends object>(
  { database }: ServerContext,
  request: ProtectedRequest<P, Tx>,
  { outcome, status }: { outcome: Outcome; status: number },
): Promise<Response> {
  const { name: operation, source } = request;
  const { requestId } = source;
  switch (outcome.kind) {
    case 'answered':
      return outcome.response;
    case 'replay':
      return jsonResponse(outcome.answer, status);
    case 'refused':
      return problemResponse(outcome.code, {
        requestId,
        operation,
        challenge: outcome.challenge,
        requirement: request.operation.requirement,
        retryAfterSeconds: outcome.retryAfterSeconds,
      });
    case 'stopped': {
      const { code, retryAfterSeconds } = outcome.refused;
      await database.transaction((unit) => recordRefusal(unit, request, code));
      return problemResponse(code, { requestId, operation, retryAfterSeconds });
    }
    case 'withheld':
      await database.transaction((unit) =>
        recordFailure(unit, request, 'answer_is_not_what_was_committed'),
      );
      return problemResponse('internal', { requestId });
    case 'failed':
      await database.transaction((unit) => recordFailure(unit, request));
      throw outcome.error;
  }
}

function jsonResponse(body: string, status: number): Response {
  return new Response(body, {
    status,
    headers: { 'content-type': 'application/json', 'cache-control': 'no-store' },
  });
}
