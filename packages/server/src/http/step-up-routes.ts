import type { z } from 'zod';
import { takeProviderAnswer } from '../ceremonies/confirm-by-provider.ts';
import type { Proof } from '../ceremonies/factor.ts';
import {
  type RequestSource,
  SessionGoneError,
  type StepUpLocks,
  type Unit,
} from '../ceremonies/ports.ts';
import {
  answerStepUp,
  beginStepUp,
  type StepUpAnswer,
  type StepUpRefusal,
} from '../ceremonies/step-up.ts';
import {
  type ProblemCode,
  type StepUpVerifyRequest,
  stepUpBeginRequestSchema,
  stepUpVerifyRequestSchema,
} from '../contract/index.ts';
import { admitAttempt } from '../storage/source-window-store.ts';
import type { ServerContext } from './environment.ts';
import { parseJsonBody } from './parse-json-body.ts';
import { problemResponse } from './problem-response.ts';
import { type Member, type RouteContext, type Routes, refuse } from './routes.ts';
import { UUID } from './uuid.ts';

/** The ceremony between a challenge and its grant. */
export function addStepUpRoutes(context: ServerContext, routes: Routes): void {
  const { database } = context;
  routes.read('/api/step-up/:id', 'member', async (c, { session }) => {
    const { requestId } = c.get('source');
    const id = c.req.param('id') ?? '';
    if (!UUID.test(id)) return problemResponse('challenge_unknown', { requestId });
    return database.transaction(async (unit) => {
      const row = await unit.stepUps.lock(id, session.sid);
      if (row === null) return problemResponse('challenge_unknown', { requestId });
      const isOver = row.verifiedAt === null && row.expiresAt <= unit.now;
      const verified = row.verifiedAt === null ? 'open' : 'verified';
      const status = row.consumedAt !== null ? 'consumed' : isOver ? 'expired' : verified;
      const { operation, display, methods, windowSeconds, expiresAt } = row;
      return c.json({
        status,
        operation,
        display,
        methods,
        windowSeconds,
        expiresAt: expiresAt.toISOString(),
      });
    });
  });
  routes.exempt(
    'POST',
    '/api/step-up/:id/begin',
    { reason: 'prepares a confirmation, which is verified apart' },
    (c, member) => begin(context, c, member),
  );
  routes.exempt(
    'POST',
    '/api/step-up/:id/verify',
    { reason: 'this is the confirmation itself; it carries its own factor and budget' },
    (c, member) => verify(context, c, member),
  );
}

async function begin(context: ServerContext, c: RouteContext, member: Member): Promise<Response> {
  const admitted = await admit(context, c, member, stepUpBeginRequestSchema);
  if (admitted instanceof Response) return admitted;
  const { id, body, source } = admitted;
  const { session } = member;
  // The network's work, before any lock is held.
  if (body.method === 'idp') await context.identityProvider?.ready();
  const answer = await unlessGone(() =>
    inStepUp(context, { id, session }, (unit, locked) =>
      beginStepUp(unit, { id, session, source, ports: context, locked, method: body.method }),
    ),
  );
  if (answer.kind === 'begun') return c.json(answer.options);
  return refusalResponse(answer, source);
}

async function verify(context: ServerContext, c: RouteContext, member: Member): Promise<Response> {
  const admitted = await admit(context, c, member, stepUpVerifyRequestSchema);
  if (admitted instanceof Response) return admitted;
  const { id, body, source } = admitted;
  const { session, token } = member;
  const answer = await unlessGone(async () => {
    const proof = await proofOf(context, member, { id, body });
    return inStepUp(context, { id, session }, (unit, locked) =>
      answerStepUp(unit, { id, session, token, source, ports: context, locked, proof }),
    );
  });
  if (answer.kind !== 'granted') return refusalResponse(answer, source);
  return new Response(JSON.stringify(answer.grant), {
    headers: {
      'content-type': 'application/json',
      'cache-control': 'no-store',
      'set-cookie': await context.cookies.serializeSession(answer.newToken),
    },
  });
}

/** Begins with the step-up and its session locked; a refusal is committed like an acceptance. */
function inStepUp<T>(
  { database }: ServerContext,
  { id, session }: { readonly id: string; readonly session: Member['session'] },
  work: (unit: Unit, locked: ReturnType<StepUpLocks['lockWithSession']>) => Promise<T>,
): Promise<T> {
  return database.lockedTransaction(
    (locks) => locks.lockWithSession(id, session.sid),
    async (unit, locked) => {
      const result = await work(unit, locked);
      if (unit.isOpen) await unit.commit();
      return result;
    },
  );
}

/** The provider is asked outside any transaction, after its answer's state was taken once. */
async function proofOf(
  { database, identityProvider }: ServerContext,
  { session }: Member,
  { id, body }: { id: string; body: StepUpVerifyRequest },
): Promise<Proof> {
  if (body.method !== 'idp') return body;
  const { query } = body.response;
  const taken = await database.transaction((unit) =>
    takeProviderAnswer(unit, { id, session, query }),
  );
  if (taken === null || identityProvider === null) {
    return { method: 'idp', claims: { refused: 'wrong_state' }, askedAt: new Date(0) };
  }
  const { begun, state } = taken;
  const { nonce, codeVerifier } = begun;
  const claims = await identityProvider.redeem({ query, state, nonce, codeVerifier });
  return { method: 'idp', claims, askedAt: new Date(begun.startedAt) };
}

async function admit<T>(
  context: ServerContext,
  c: RouteContext,
  member: Member,
  schema: z.ZodType<T>,
): Promise<{ id: string; body: T; source: RequestSource } | Response> {
  const source = c.get('source');
  const { requestId } = source;
  if (member.impersonatedBy !== null) return refuse(context, c, 'impersonation_forbidden');
  const id = c.req.param('id') ?? '';
  if (!UUID.test(id)) return problemResponse('challenge_unknown', { requestId });
  const body = await parseJsonBody(c.req.raw, schema, requestId);
  if (body instanceof Response) return body;
  if (!(await admitAttempt(context.database, source))) {
    return problemResponse('too_many_attempts', { requestId, retryAfterSeconds: 60 });
  }
  return { id, body: body.value, source };
}

async function unlessGone<T>(work: () => Promise<T>): Promise<T | { readonly kind: 'gone' }> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof SessionGoneError) return { kind: 'gone' };
    throw error;
  }
}

const CODES = {
  gone: 'session_required',
  rejected: 'code_rejected',
  throttled: 'too_many_attempts',
  not_found: 'challenge_unknown',
  expired: 'challenge_expired',
  method_not_allowed: 'method_not_allowed',
  conflict: 'conflict',
} as const satisfies Record<Exclude<StepUpAnswer['kind'], 'granted'> | 'gone', ProblemCode>;

function refusalResponse(
  answer:
    | StepUpRefusal
    | { readonly kind: 'gone' | 'throttled'; readonly retryAfterSeconds?: number },
  { requestId }: RequestSource,
): Response {
  const retry = 'retryAfterSeconds' in answer ? answer.retryAfterSeconds : undefined;
  return problemResponse(CODES[answer.kind], {
    requestId,
    ...(retry === undefined ? {} : { retryAfterSeconds: retry }),
  });
}
