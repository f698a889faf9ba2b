import type { ClientBase } from 'pg';
import type { Change } from '../ceremonies/act-entries.ts';
import type { Actor, Operation } from '../ceremonies/operation.ts';
import type { RequestSource, Unit } from '../ceremonies/ports.ts';
import { GRANT_HEADER } from '../contract/index.ts';
import type { Tx } from '../storage/database.ts';
import type { ServerContext } from './environment.ts';
import { actorOf, type SignedIn } from './identity.ts';
import { type ParameterHeaders, parseParameters } from './parameters.ts';
import { problemResponse } from './problem-response.ts';
import { type RouteContext, type Routes, refuse, requireMember, type Standing } from './routes.ts';
import { runGuarded } from './run-guarded.ts';

/** What an act is given beside its Kysely transaction. */
export interface ActScope {
  /** The same connection and transaction, for applications that use `pg` alone. */
  readonly client: ClientBase;
  readonly unit: Unit;
  /** Puts what was before and what is after into the act's audit entry. */
  changed(change: Change): void;
}

export type Act<R extends object> = (tx: Tx, scope: ActScope) => Promise<R>;

/** Given to a handler once the request may act; the only way to do the act. */
export interface Proof {
  /** Who asked, as checked for this request. */
  readonly actor: Actor;
  /**
   * Does slow work that needs no lock, such as hashing, before `commit` and at most once. It is done only
   * for a request that may act, outside the transaction; then the handler begins again, in a new one, and
   * gets the result here. Rejects with what `work` rejects with.
   */
  prepare<T>(work: () => Promise<T>): Promise<T>;
  /**
   * Runs `act`, records it and spends the grant, in one transaction; resolves once that is committed.
   * At most once. The act does nothing that a rollback does not undo: the victim of a deadlock is run
   * again, and with it the handler.
   */
  commit<R extends object>(act: Act<R>): Promise<R & { receipt: object }>;
}

type Params<O> = O extends Operation<infer P, Tx> ? P : never;

export type GuardedHandler<P> = (c: RouteContext, params: P, proof: Proof) => Promise<Response>;

/** Checks fields that stay out of the hash, before the challenge and again before the act. */
export type SecretCheck<P> = (
  params: P,
  actor: Actor,
  source: RequestSource,
) => Promise<Response | null>;

export interface GuardedRoute {
  readonly method: 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly path: string;
  /** The status of success; 200 unless said. */
  readonly status?: 200 | 201 | 202;
  /** Request headers that are parameters, and the names they have as such. */
  readonly headers?: ParameterHeaders;
  /** How far a session must have come; active unless said. */
  readonly standing?: Standing;
}

/** Declares one guarded route; see {@link createGuard}. */
export type Guard<Table extends Readonly<Record<string, unknown>>> = <
  Name extends keyof Table & string,
>(
  route: GuardedRoute,
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
    const { schema, requirement } = operation;
    const described = { name, schema, requirement, headers: route.headers ?? {} };
    routes.guarded(route.method, route.path, described, async (c) => {
      const member = await requireMember(context, c, route.standing);
      if (member instanceof Response) return member;
      const actor = actorOf(member);
      if (actor === null) return refuse(context, c, 'forbidden');
      return guardRequest(context, {
        request: c.req.raw,
        pathParameters: c.req.param(),
        source: c.get('source'),
        member,
        name,
        operation,
        route,
        handler: (params, proof) => handler(c, params, proof),
        ...(checkSecrets ? { checkSecrets } : {}),
      });
    });
  };
}

/** One guarded request of a person who is signed in, on web-standard objects alone. */
export async function guardRequest<P extends object>(
  context: ServerContext,
  options: {
    readonly request: Request;
    readonly pathParameters: Readonly<Record<string, string>>;
    readonly source: RequestSource;
    readonly member: SignedIn;
    readonly name: string;
    readonly operation: Operation<P, Tx>;
    readonly route: Pick<GuardedRoute, 'status' | 'headers'>;
    readonly handler: (params: P, proof: Proof) => Promise<Response>;
    readonly checkSecrets?: SecretCheck<P>;
  },
): Promise<Response> {
  const { request, source, member, name, operation, route, handler, checkSecrets } = options;
  const { requestId } = source;
  const actor = actorOf(member);
  if (actor === null) return problemResponse('forbidden', { requestId });
  const parsed = await parseParameters(request, {
    operation,
    pathParameters: options.pathParameters,
    headers: route.headers ?? {},
    requestId,
  });
  if (parsed instanceof Response) return parsed;
  return runGuarded(context, {
    name,
    operation,
    actor,
    params: parsed,
    source,
    impersonatedBy: member.impersonatedBy,
    grant: request.headers.get(GRANT_HEADER),
    token: member.token,
    status: route.status ?? 200,
    ...(checkSecrets ? { checkSecrets: () => checkSecrets(parsed, actor, source) } : {}),
    handle: (proof) => handler(parsed, proof),
  });
}
