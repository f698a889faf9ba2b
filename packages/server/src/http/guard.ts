import type { Actor, Operation } from '../ceremonies/operation.ts';
import type { RequestSource, Unit } from '../ceremonies/ports.ts';
import {
  challengeRequest,
  commitAct,
  lookUpGrant,
  type ProtectedRequest,
  type Refusal,
} from '../ceremonies/protected-act.ts';
import { GRANT_HEADER } from '../contract/index.ts';
import type { Tx } from '../storage/database.ts';
import type { ServerContext } from './environment.ts';
import { actorOf } from './identity.ts';
import { problemResponse } from './problem-response.ts';
import { type RouteContext, type Routes, refuse, requireMember } from './routes.ts';
import { parseStrictJson } from './strict-json.ts';

/** Given to a handler once the grant fits; the only way to do the act. */
export interface Proof {
  /** Who asked, as checked for this request. */
  readonly actor: Actor;
  /** Consumes the grant, runs `act` and records it, in one transaction. At most once. */
  commit<R extends object>(
    act: (tx: Tx, unit: Unit) => Promise<R>,
  ): Promise<R & { receipt: object }>;
}

type AnyOperation = Operation<never, Tx>;
type Params<O> = O extends Operation<infer P, Tx> ? P : never;

export type GuardedHandler<P> = (c: RouteContext, params: P, proof: Proof) => Promise<Response>;

/** Checks fields that stay out of the hash, before the challenge and again before the act. */
export type SecretCheck<P> = (
  params: P,
  actor: Actor,
  source: RequestSource,
) => Promise<Response | null>;

/** Declares one guarded route; see {@link createGuard}. */
export type Guard<Table extends Readonly<Record<string, unknown>>> = <
  Name extends keyof Table & string,
>(
  route: { readonly method: 'POST' | 'PUT' | 'PATCH' | 'DELETE'; readonly path: string },
  name: Name,
  handler: GuardedHandler<Params<Table[Name]>>,
  checkSecrets?: SecretCheck<Params<Table[Name]>>,
) => void;

/**
 * Makes the one door to an operation's handler: parse, challenge, grant, act. The handler receives
 * parsed and proved parameters, and must answer with exactly what `proof.commit` returned.
 */
export function createGuard<Table extends Readonly<Record<string, unknown>>>(
  context: ServerContext,
  routes: Routes,
  operations: Table,
): Guard<Table> {
  return (route, name, handler, checkSecrets) => {
    type P = Parameters<typeof handler>[1];
    const operation = operations[name] as unknown as Operation<P & object, Tx>;
    routes.guarded(route.method, route.path, name, async (c) => {
      const member = await requireMember(context, c);
      if (member instanceof Response) return member;
      const actor = actorOf(member);
      if (actor === null) return refuse(context, c, 'forbidden');
      const source = c.get('source');
      const parsed = await parseParameters(c, operation as unknown as AnyOperation);
      if (parsed instanceof Response) return parsed;
      const params = parsed as P & object;
      const request = { name, operation, actor, params, source };
      const grant = c.req.header(GRANT_HEADER) ?? null;
      return runGuarded(context, {
        request,
        grant,
        ...(checkSecrets ? { checkSecrets: () => checkSecrets(params, actor, source) } : {}),
        handle: (proof) => handler(c, params, proof),
      });
    });
  };
}

/** The request-level core, apart from any framework. */
export async function runGuarded<P extends object>(
  context: ServerContext,
  options: {
    readonly request: ProtectedRequest<P, Tx>;
    readonly grant: string | null;
    readonly checkSecrets?: () => Promise<Response | null>;
    readonly handle: (proof: Proof) => Promise<Response>;
  },
): Promise<Response> {
  const { request } = options;
  const { database } = context;
  const found = options.grant === null ? null : await lookUpGrant(database, request, options.grant);
  if (found?.kind === 'replay') return jsonResponse(found.response);
  if (found?.kind === 'refused') return refusalResponse(request, found);

  const secretFault = (await options.checkSecrets?.()) ?? null;
  if (secretFault !== null) return secretFault;
  if (found === null) return refusalResponse(request, await challengeRequest(database, request));

  const outcome: { committed?: string; refused?: Refusal } = {};
  const proof: Proof = {
    actor: request.actor,
    commit: async (act) => {
      if (outcome.committed !== undefined) throw new TypeError('a proof commits once');
      const result = await commitAct(database, { request, grant: found.row, act });
      if (result.kind === 'refused') {
        outcome.refused = result;
        throw new RefusedError();
      }
      outcome.committed = result.response;
      return JSON.parse(result.response);
    },
  };
  const response = await options.handle(proof).catch((error: unknown) => {
    if (outcome.refused !== undefined) return null;
    throw error;
  });
  if (outcome.refused !== undefined) return refusalResponse(request, outcome.refused);
  const isExact =
    response !== null &&
    outcome.committed !== undefined &&
    response.status === 200 &&
    (await response.clone().text()) === outcome.committed;
  return isExact ? response : withholdAnswer(context, request);
}

/** Tells a handler to unwind after a refusal; the guard answers, not the handler. */
class RefusedError extends Error {
  override readonly name = 'RefusedError';
}

async function withholdAnswer<P extends object>(
  context: ServerContext,
  { name, actor, source }: ProtectedRequest<P, Tx>,
): Promise<Response> {
  await context.database.transaction((unit) =>
    unit.record({
      event: 'operation.failed',
      outcome: 'failure',
      operation: name,
      actorId: actor.userId,
      tenantId: actor.tenantId,
      requestId: source.requestId,
      reason: 'answer_is_not_what_was_committed',
    }),
  );
  return problemResponse('internal', { requestId: source.requestId });
}

function refusalResponse<P extends object>(
  { name, source }: ProtectedRequest<P, Tx>,
  { code, challenge }: Refusal,
): Response {
  return problemResponse(code, { requestId: source.requestId, operation: name, challenge });
}

function jsonResponse(body: string): Response {
  return new Response(body, {
    headers: { 'content-type': 'application/json', 'cache-control': 'no-store' },
  });
}

/** Path, query and body are one set of parameters; a name that occurs twice is refused. */
async function parseParameters(
  c: RouteContext,
  operation: AnyOperation,
): Promise<object | Response> {
  const { requestId } = c.get('source');
  const text = await c.req.text();
  if (text !== '' && !/^application\/json\b/i.test(c.req.header('content-type') ?? '')) {
    return problemResponse('media_type_unsupported', { requestId });
  }
  const merged = mergeParameters(c, text, operation.secretFields);
  if (merged === null) return problemResponse('malformed', { requestId });
  const result = operation.schema.safeParse(merged);
  if (result.success) return result.data;
  return problemResponse('parameters_invalid', {
    requestId,
    errors: result.error.issues.map((issue) => ({
      path: issue.path.join('.'),
      message: issue.message,
    })),
  });
}

function mergeParameters(
  c: RouteContext,
  text: string,
  secretFields: readonly string[],
): object | null {
  const entries: [string, unknown][] = Object.entries(c.req.param());
  entries.push(...new URL(c.req.url).searchParams.entries());
  // A secret in an address ends up in logs and histories.
  if (entries.some(([name]) => secretFields.includes(name))) return null;
  try {
    const body: unknown = text === '' ? {} : parseStrictJson(text);
    if (typeof body !== 'object' || body === null || Array.isArray(body)) return null;
    entries.push(...Object.entries(body));
  } catch {
    return null;
  }
  const names = entries.map(([name]) => name);
  return new Set(names).size === names.length ? Object.fromEntries(entries) : null;
}
