import type { z } from 'zod';
import { ATTEMPTS_PER_MINUTE } from '../audit/source-window.ts';
import { takeProviderAnswer } from '../ceremonies/confirm-by-provider.ts';
import type { Proof } from '../ceremonies/factor.ts';
import type { RequestSource, Unit } from '../ceremonies/ports.ts';
import {
  answerStepUp,
  beginStepUp,
  type StepUpAnswer,
  type StepUpAsked,
  type StepUpRefusal,
} from '../ceremonies/step-up.ts';
import { type FirstLocks, SessionGoneError } from '../ceremonies/step-up-ports.ts';
import {
  type ProblemCode,
  type StepUpMethod,
  type StepUpVerifyRequest,
  stepUpBeginRequestSchema,
  stepUpVerifyRequestSchema,
} from '../contract/index.ts';
import { recordTooManyAttempts } from '../storage/source-window-store.ts';
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
    { reason: 'prepares a confirmation, which is verified apart', standing: 'enrolling' },
    (c, member) => begin(context, c, member),
  );
  routes.exempt(
    'POST',
    '/api/step-up/:id/verify',
    {
      reason: 'this is the confirmation itself; it carries its own factor and budget',
      standing: 'enrolling',
    },
    (c, member) => verify(context, c, member),
  );
}

async function begin(context: ServerContext, c: RouteContext, member: Member): Promise<Response> {
  const admitted = await admit(context, c, member, stepUpBeginRequestSchema);
  if (admitted instanceof Response) return admitted;
  const { body, source } = admitted;
  // The network's work, before any lock is held.
  if (body.method === 'idp') await providerReady(context, member);
  const { method } = body;
  const answer = await inStepUp(context, { ...admitted, method, member }, (unit, options) =>
    beginStepUp(unit, { ...options, method }),
  );
  if (answer.kind === 'begun') return c.json(answer.options);
  return refusalResponse(context, answer, source);
}

async function verify(context: ServerContext, c: RouteContext, member: Member): Promise<Response> {
  const admitted = await admit(context, c, member, stepUpVerifyRequestSchema);
  if (admitted instanceof Response) return admitted;
  const { id, body, source } = admitted;
  const { token } = member;
  const { method } = body;
  const proof = await proofOf(context, member, { id, body });
  const answer = await inStepUp(context, { ...admitted, method, member }, (unit, options) =>
    answerStepUp(unit, { ...options, token, proof }),
  );
  if (answer.kind !== 'granted') return refusalResponse(context, answer, source);
  return new Response(JSON.stringify(answer.grant), {
    headers: {
      'content-type': 'application/json',
      'cache-control': 'no-store',
      'set-cookie': await context.cookies.serializeSession(answer.newToken),
    },
  });
}

/**
 * Begins with the step-up and its session locked, and the source's attempt counted; a refusal is
 * committed like an acceptance.
 */
async function inStepUp<T>(
  context: ServerContext,
  asked: Admitted & { readonly method: StepUpMethod; readonly member: Member },
  work: (unit: Unit, options: StepUpAsked) => Promise<T>,
): Promise<T | { readonly kind: 'gone' } | { readonly kind: 'limited' }> {
  const { database } = context;
  const { id, source, method, member } = asked;
  const { session } = member;
  const totpOf = method === 'totp' ? session.userId : null;
  const devices = source.device?.hashes() ?? [];
  const { address } = source;
  const lock = (locks: FirstLocks) =>
    locks.lockForAttempt(id, { sid: session.sid, address, totpOf, devices });
  try {
    return await database.lockedTransaction(lock, async (unit, sent) => {
      const locked = await sent;
      const isLimited = (locked.stepUp?.attemptsOfSource ?? 0) > ATTEMPTS_PER_MINUTE;
      const result = isLimited
        ? ({ kind: 'limited' } as const)
        : await work(unit, { id, session, source, ports: context, locked });
      if (unit.isOpen) await unit.commit();
      return result;
    });
  } catch (error) {
    if (error instanceof SessionGoneError) return { kind: 'gone' };
    throw error;
  }
}

/** The provider is asked outside any transaction, after its answer's state was taken once. */
async function proofOf(
  { database, identityProviders }: ServerContext,
  { session }: Member,
  { id, body }: { id: string; body: StepUpVerifyRequest },
): Promise<Proof> {
  if (body.method !== 'idp') return body;
  const returnUrl = new URL(body.response.returnUrl);
  const taken = await database.transaction((unit) =>
    takeProviderAnswer(unit, { id, session, returnUrl }),
  );
  const provider =
    taken === null ? null : identityProviders.of(session.tenantId ?? '', taken.recorded);
  if (taken === null || provider === null) {
    return { method: 'idp', claims: { refused: 'provider_refused' }, askedAt: new Date(0) };
  }
  const { begun, state } = taken;
  const { nonce, codeVerifier } = begun;
  const claims = await provider.redeem({
    purpose: 'step-up',
    returnUrl,
    state,
    nonce,
    codeVerifier,
    mustBeFresh: true,
  });
  return { method: 'idp', claims, askedAt: new Date(begun.startedAt) };
}

async function providerReady(
  { database, identityProviders }: ServerContext,
  { tenant }: Member,
): Promise<void> {
  const recorded = await database.transaction((unit) => unit.tenantProviders.find(tenant.id));
  await identityProviders.of(tenant.id, recorded)?.ready();
}

interface Admitted {
  readonly id: string;
  readonly source: RequestSource;
}

async function admit<T>(
  context: ServerContext,
  c: RouteContext,
  member: Member,
  schema: z.ZodType<T>,
): Promise<(Admitted & { readonly body: T }) | Response> {
  const source = c.get('source');
  const { requestId } = source;
  if (member.impersonatedBy !== null) return refuse(context, c, 'impersonation_forbidden');
  const id = c.req.param('id') ?? '';
  if (!UUID.test(id)) return problemResponse('challenge_unknown', { requestId });
  const body = await parseJsonBody(c.req.raw, schema, requestId);
  if (body instanceof Response) return body;
  return { id, body: body.value, source };
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

async function refusalResponse(
  { database }: ServerContext,
  answer:
    | StepUpRefusal
    | { readonly kind: 'gone' | 'limited' | 'throttled'; readonly retryAfterSeconds?: number },
  source: RequestSource,
): Promise<Response> {
  const { requestId } = source;
  if (answer.kind === 'limited') {
    await recordTooManyAttempts(database, source);
    return problemResponse('too_many_attempts', { requestId, retryAfterSeconds: 60 });
  }
  const retry = 'retryAfterSeconds' in answer ? answer.retryAfterSeconds : undefined;
  return problemResponse(CODES[answer.kind], {
    requestId,
    ...(retry === undefined ? {} : { retryAfterSeconds: retry }),
  });
}
