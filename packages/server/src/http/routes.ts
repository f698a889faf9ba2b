import { type Context, type Handler, Hono } from 'hono';
import type { z } from 'zod';
import type { RequestSource } from '../ceremonies/ports.ts';
import { sourceFields } from '../ceremonies/sign-in.ts';
import type { ProblemCode } from '../contract/index.ts';
import type { Requirement } from '../policy/operation-requirement.ts';
import { recordBlocked } from '../storage/source-window-store.ts';
import type { RouteEnvironment, ServerContext } from './environment.ts';
import type { Identity, SignedIn, Tenant } from './identity.ts';
import { problemResponse } from './problem-response.ts';

export type RouteContext = Context<RouteEnvironment>;
type UnsafeMethod = 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/**
 * How far a session must have come: `active`; `enrolling`, one that policy keeps at its enrolment and
 * whose address was proved; `unproved`, the same before that; `recovering`, one that may replace what its
 * person lost, wherever policy keeps it.
 */
export type Standing = 'active' | 'enrolling' | 'unproved' | 'recovering';

/** A session that has a tenant, active unless a route asks for less: what almost every route needs. */
export type Member = SignedIn & { readonly tenant: Tenant };

/**
 * The routes of an application, refused by default. A route says who reaches it; one that changes
 * anything is an operation behind its guard, or says in words why it need not be.
 */
export interface Routes {
  readonly hono: Hono<RouteEnvironment>;
  /** Reachable without a session, for the reason given. */
  open(path: string, reason: string, handler: Handler<RouteEnvironment>): void;
  /** Read by an active member, by administrators alone, or by a session that may recover. */
  read(
    path: string,
    access: 'member' | 'administrator' | 'recovering',
    handler: (c: RouteContext, member: Member) => Promise<Response> | Response,
  ): void;
  /** Changes something without step-up, for the reason given. */
  exempt(
    method: UnsafeMethod,
    path: string,
    options: { readonly reason: string; readonly standing?: Standing },
    handler: (c: RouteContext, member: Member) => Promise<Response> | Response,
  ): void;
  /** Changes something without a session, for the reason given: what it takes is proved otherwise. */
  anonymous(
    method: UnsafeMethod,
    path: string,
    options: { readonly reason: string },
    handler: Handler<RouteEnvironment>,
  ): void;
  /** Answers API keys, which it checks itself, for the reason given. */
  keyed(
    method: UnsafeMethod | 'GET',
    path: string,
    options: { readonly reason: string },
    handler: Handler<RouteEnvironment>,
  ): void;
  /** Used by the guard: the handler has its own gate. */
  guarded(
    method: UnsafeMethod,
    path: string,
    operation: RouteOperation,
    handler: Handler<RouteEnvironment>,
  ): void;
  /**
   * Vouches for a handler registered beside these routes, middleware included, for the reason given.
   * Returns it: `app.use(routes.vouch('sets headers', handler))`.
   */
  vouch<H extends Handler<RouteEnvironment>>(reason: string, handler: H): H;
  /** Every declared route, for the coverage check and for a reader. */
  readonly table: readonly RouteEntry[];
  readonly vouched: readonly VouchedHandler[];
}

/** A handler that is no way around a guard, and why. */
export interface VouchedHandler {
  readonly reason: string;
  readonly handler: unknown;
}

export interface RouteEntry {
  readonly method: string;
  readonly path: string;
  readonly access: string;
  /** Present where an operation stands behind the route. */
  readonly operation?: RouteOperation;
  /** What was registered, by which the coverage check knows it. */
  readonly handler: unknown;
}

/** What a reader of the route table, such as the interface's description, needs of an operation. */
export interface RouteOperation {
  readonly name: string;
  readonly schema: z.ZodType;
  readonly requirement: Requirement;
  /** Request headers that are parameters, and their names as such. */
  readonly headers: Readonly<Record<string, string>>;
}

export function createRoutes(context: ServerContext): Routes {
  const hono = new Hono<RouteEnvironment>();
  const table: RouteEntry[] = [];
  const vouched: VouchedHandler[] = [];
  const declare = (
    entry: Omit<RouteEntry, 'handler'>,
    handler: Handler<RouteEnvironment>,
  ): void => {
    table.push({ ...entry, handler });
    hono.on(entry.method, entry.path, handler);
  };
  return {
    hono,
    table,
    vouched,
    vouch: (reason, handler) => {
      vouched.push({ reason, handler });
      return handler;
    },
    open: (path, reason, handler) =>
      declare({ method: 'GET', path, access: `open: ${reason}` }, handler),
    read: (path, access, handler) =>
      declare({ method: 'GET', path, access }, async (c) => {
        const standing = access === 'recovering' ? access : 'active';
        const member = await requireMember(context, c, standing);
        if (member instanceof Response) return member;
        if (access === 'administrator' && member.tenant.role !== 'administrator') {
          return refuse(context, c, 'forbidden');
        }
        return handler(c, member);
      }),
    exempt: (method, path, { reason, standing }, handler) =>
      declare({ method, path, access: `exempt: ${reason}` }, async (c) => {
        const member = await requireMember(context, c, standing);
        if (member instanceof Response) return member;
        // Someone signed in as another reads, and changes nothing in their name.
        if (member.impersonatedBy !== null) return refuse(context, c, 'impersonation_forbidden');
        return handler(c, member);
      }),
    anonymous: (method, path, { reason }, handler) =>
      declare({ method, path, access: `anonymous: ${reason}` }, handler),
    keyed: (method, path, { reason }, handler) =>
      declare({ method, path, access: `api key: ${reason}` }, handler),
    guarded: (method, path, operation, handler) =>
      declare({ method, path, access: `operation: ${operation.name}`, operation }, handler),
  };
}

/** The member behind a request, or the refusal to send. */
export async function requireMember(
  context: ServerContext,
  c: RouteContext,
  standing: Standing = 'active',
): Promise<Member | Response> {
  const identity = c.get('identity');
  const signedIn = signedInFor(identity, standing);
  if (typeof signedIn === 'string') return refuse(context, c, signedIn);
  const { tenant } = signedIn;
  if (tenant === null) return refuse(context, c, 'forbidden');
  return { ...signedIn, tenant };
}

export type Lack = 'session_required' | 'challenge_required' | 'enrolment_required';

/** Who is signed in far enough, or what keeps them out. */
export function signedInFor(identity: Identity, standing: Standing): SignedIn | Lack {
  if (identity.state === 'none') return 'session_required';
  if (identity.state === 'active') return identity;
  const { needs, session } = identity;
  if (standing === 'recovering' && session !== null && session.recovery !== null) return session;
  if (needs !== 'enrolment' || session === null) return 'challenge_required';
  const isFar = standing === 'unproved' || session.enforcement?.isAddressProved === true;
  const isEnrolment = standing === 'unproved' || standing === 'enrolling';
  return isEnrolment && isFar ? session : 'enrolment_required';
}

/** Refuses a request and records it as blocked, within the limit of its source. */
export function refuse(
  context: ServerContext,
  c: RouteContext,
  code: ProblemCode,
): Promise<Response> {
  const { method, path } = c.req;
  const blocked = { source: c.get('source'), identity: c.get('identity'), method, path };
  return blockRequest(context, blocked, code);
}

/** As {@link refuse}, for a request outside Hono. */
export async function blockRequest(
  { database }: ServerContext,
  blocked: {
    readonly source: RequestSource;
    readonly identity: Identity;
    readonly method: string;
    readonly path: string;
  },
  code: ProblemCode,
): Promise<Response> {
  const { source, method, path } = blocked;
  const { actorId, tenantId } = whoever(blocked.identity);
  await recordBlocked(database, source.address, {
    event: 'request.blocked',
    outcome: 'denied',
    actorId,
    tenantId,
    requestId: source.requestId,
    reason: code,
    details: { method },
    // A path can name a person.
    personal: { path: path.slice(0, 200), ...sourceFields(source) },
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
