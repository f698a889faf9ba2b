import { type Context, type Handler, Hono } from 'hono';
import { sourceFields } from '../ceremonies/sign-in.ts';
import type { ProblemCode } from '../contract/index.ts';
import { recordBlocked } from '../storage/source-window-store.ts';
import type { RouteEnvironment, ServerContext } from './environment.ts';
import type { Identity, SignedIn, Tenant } from './identity.ts';
import { problemResponse } from './problem-response.ts';

export type RouteContext = Context<RouteEnvironment>;
type UnsafeMethod = 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** An active session that has a tenant: what almost every route needs. */
export type Member = SignedIn & { readonly tenant: Tenant };

/**
 * The routes of an application, refused by default. A route says who reaches it; one that changes
 * anything is an operation behind its guard, or says in words why it need not be.
 */
export interface Routes {
  readonly hono: Hono<RouteEnvironment>;
  /** Reachable without a session, for the reason given. */
  open(path: string, reason: string, handler: Handler<RouteEnvironment>): void;
  /** Read by an active member, or by administrators alone. */
  read(
    path: string,
    access: 'member' | 'administrator',
    handler: (c: RouteContext, member: Member) => Promise<Response> | Response,
  ): void;
  /** Changes something without step-up, for the reason given. */
  exempt(
    method: UnsafeMethod,
    path: string,
    options: { readonly reason: string },
    handler: (c: RouteContext, member: Member) => Promise<Response> | Response,
  ): void;
  /** Used by the guard: the handler has its own gate. */
  guarded(
    method: UnsafeMethod,
    path: string,
    operation: string,
    handler: Handler<RouteEnvironment>,
  ): void;
  /** Every declared route, for the coverage check and for a reader. */
  readonly table: readonly RouteEntry[];
}

export interface RouteEntry {
  readonly method: string;
  readonly path: string;
  readonly access: string;
}

export function createRoutes(context: ServerContext): Routes {
  const hono = new Hono<RouteEnvironment>();
  const table: RouteEntry[] = [];
  const declare = (entry: RouteEntry, handler: Handler<RouteEnvironment>): void => {
    table.push(entry);
    hono.on(entry.method, entry.path, handler);
  };
  return {
    hono,
    table,
    open: (path, reason, handler) =>
      declare({ method: 'GET', path, access: `open: ${reason}` }, handler),
    read: (path, access, handler) =>
      declare({ method: 'GET', path, access }, async (c) => {
        const member = await requireMember(context, c);
        if (member instanceof Response) return member;
        if (access === 'administrator' && member.tenant.role !== 'administrator') {
          return refuse(context, c, 'forbidden');
        }
        return handler(c, member);
      }),
    exempt: (method, path, { reason }, handler) =>
      declare({ method, path, access: `exempt: ${reason}` }, async (c) => {
        const member = await requireMember(context, c);
        return member instanceof Response ? member : handler(c, member);
      }),
    guarded: (method, path, operation, handler) =>
      declare({ method, path, access: `operation: ${operation}` }, handler),
  };
}

/**
 * Fails when an application has a changing route that was not declared.
 * @throws {TypeError} naming the first such route.
 */
export function assertCovered(
  app: { readonly routes: readonly { readonly method: string; readonly path: string }[] },
  declared: readonly RouteEntry[],
): void {
  const known = new Set(declared.map((entry) => `${entry.method} ${entry.path}`));
  for (const { method, path } of app.routes) {
    const isUnsafe = ['POST', 'PUT', 'PATCH', 'DELETE'].includes(method);
    if (isUnsafe && !known.has(`${method} ${path}`)) {
      throw new TypeError(`route ${method} ${path} has neither operation nor exemption`);
    }
  }
}

/** The member behind a request, or the refusal to send. */
export async function requireMember(
  context: ServerContext,
  c: RouteContext,
): Promise<Member | Response> {
  const identity = c.get('identity');
  if (identity.state === 'none') return refuse(context, c, 'session_required');
  if (identity.state === 'pending') return refuse(context, c, 'challenge_required');
  const { tenant } = identity;
  if (tenant === null) return refuse(context, c, 'forbidden');
  return { ...identity, tenant };
}

/** Refuses a request and records it as blocked, within the limit of its source. */
export async function refuse(
  context: ServerContext,
  c: RouteContext,
  code: ProblemCode,
): Promise<Response> {
  const source = c.get('source');
  const { actorId, tenantId } = whoever(c.get('identity'));
  await recordBlocked(context.database, source.address, {
    event: 'request.blocked',
    outcome: 'denied',
    actorId,
    tenantId,
    requestId: source.requestId,
    reason: code,
    details: { method: c.req.method },
    // A path can name a person.
    personal: { path: c.req.path.slice(0, 200), ...sourceFields(source) },
  });
  return problemResponse(code, { requestId: source.requestId });
}

function whoever(identity: Identity): { actorId: string | null; tenantId: string | null } {
  switch (identity.state) {
    case 'none':
      return { actorId: null, tenantId: null };
    case 'pending':
      return { actorId: identity.person.id, tenantId: identity.tenantId };
    case 'active':
      return { actorId: identity.person.id, tenantId: identity.session.tenantId };
  }
}
