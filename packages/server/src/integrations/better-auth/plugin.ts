import type { BetterAuthPlugin } from 'better-auth';
import { createAuthMiddleware, isAPIError } from 'better-auth/api';
import { deleteSessionCookie } from 'better-auth/cookies';
import type { RequestSource } from '../../ceremonies/ports.ts';
import { bearerHash, sourceFields } from '../../ceremonies/sign-in.ts';
import type { EventInput } from '../../events/entry.ts';
import type { ServerContext } from '../../http/environment.ts';
import { type Identity, identify, type SignedIn } from '../../http/identity.ts';
import type { AccountOperations } from '../../http/operations/account-operations.ts';
import { signedInFor } from '../../http/routes.ts';
import { admitAttempt, recordBlocked } from '../../storage/source-window-store.ts';
import {
  admitEnrolment,
  admitSessionCode,
  afterCodeAgain,
  afterEnrolmentStart,
  afterFirstCode,
} from './authenticator-gate.ts';
import {
  classifyEndpoints,
  type EndpointClass,
  endpointClasses,
  type PathClasses,
} from './classification.ts';
import {
  type Admission,
  type Gate,
  type HookContext,
  sessionIn,
  takeAdmission,
} from './gate-context.ts';
import { openDoor } from './operation-doors.ts';
import { answerFirst, offerFirst, passkeyFirstEndpoints } from './passkey-first-gate.ts';
import { answerPasskey, offerPasskey, passkeyEndpoints } from './passkey-gate.ts';
import { refusal } from './refusal.ts';
import { approved, currentSource } from './request-scope.ts';
import {
  admitChallengeCode,
  admitPassword,
  afterChallengeCode,
  afterPassword,
  answerRecoveryCode,
} from './sign-in-gate.ts';

export interface CountersignPluginOptions {
  /** Known only once Better Auth's context exists; read at the first request. */
  readonly server: () => ServerContext;
  /** The operations that Better Auth's sensitive endpoints are doors to. */
  readonly operations: AccountOperations;
  /** Classes of endpoints that other plugins of the application add. */
  readonly endpoints?: Readonly<Record<string, EndpointClass>>;
}

/**
 * Puts Better Auth behind the sign-in gate. It must be the last plugin: every session is stillborn
 * unless our own ceremony approved it, every endpoint is refused unless its class admits the caller,
 * and what Better Auth answers is replaced by what the ceremony decided.
 *
 * @throws {TypeError} at start when a registered endpoint is not classified.
 */
export function countersign(options: CountersignPluginOptions) {
  let paths: PathClasses = new Map();
  return {
    id: 'countersign',
    endpoints: { ...passkeyEndpoints, ...passkeyFirstEndpoints },
    init: (context) => {
      paths = classifyEndpoints(context, { ...endpointClasses, ...options.endpoints });
      return { options: { databaseHooks: stillbornSessions } };
    },
    hooks: {
      before: [
        {
          matcher: () => true,
          handler: createAuthMiddleware((ctx) =>
            failClosed(options.server(), ctx, (server) =>
              before(ctx, server, {
                endpointClass: paths.get(ctx.path) ?? 'closed',
                operations: options.operations,
              }),
            ),
          ),
        },
      ],
      after: [
        {
          matcher: () => true,
          handler: createAuthMiddleware((ctx) =>
            failClosed(options.server(), ctx, (server) => after(ctx, server)),
          ),
        },
      ],
    },
  } satisfies BetterAuthPlugin;
}

/** What breaks becomes a refusal here: the router around would print all of the database's words. */
async function failClosed(
  server: ServerContext,
  ctx: HookContext,
  work: (server: ServerContext) => Promise<unknown>,
): Promise<unknown> {
  try {
    return await work(server);
  } catch (error) {
    if (isAPIError(error)) throw error;
    const { requestId } = currentSource(ctx.headers);
    server.onError(error, requestId);
    throw refusal('unavailable', requestId);
  }
}

/** The first lock: a session nobody approved is born expired, whatever becomes of its cookie. */
const stillbornSessions = {
  session: {
    create: {
      before: async (session: { userId: string }) => {
        if (approved.getStore()?.userId === session.userId) return undefined;
        return { data: { ...session, expiresAt: new Date(0) } };
      },
    },
  },
};

async function openGate(ctx: HookContext, server: ServerContext): Promise<Gate> {
  const headers = ctx.headers ?? ctx.request?.headers ?? new Headers();
  return {
    server,
    headers,
    source: currentSource(headers),
    identity: await identify(server, headers, { isActivity: ctx.path !== '/get-session' }),
  };
}

/** Where passwords and codes are tried: one source makes only so many attempts a minute. */
const GUESSED = new Set([
  '/sign-in/email',
  '/passkey/sign-in',
  '/two-factor/enable',
  '/two-factor/verify-totp',
  '/two-factor/verify-backup-code',
  '/two-factor/verify-passkey',
]);

/** What a session reaches that policy keeps at its enrolment. */
const ENROLLING = new Set(['/two-factor/enable']);

/** Ceremonies inside a session; sign-in and the operations' doors have their own gates. */
const CEREMONIES = new Set([
  '/two-factor/enable',
  '/two-factor/verify-totp',
  '/two-factor/passkey-options',
]);

async function before(
  ctx: HookContext,
  server: ServerContext,
  options: { readonly endpointClass: EndpointClass; readonly operations: AccountOperations },
): Promise<unknown> {
  const { endpointClass, operations } = options;
  const gate = await openGate(ctx, server);
  const blocked = reasonToBlock(ctx, gate, endpointClass);
  if (blocked !== null) throw await block(ctx, gate, blocked);
  if (GUESSED.has(ctx.path) && !(await admitAttempt(server.database, gate.source))) {
    throw refusal('tooManyAttempts', gate.source.requestId, 60);
  }
  if (endpointClass === 'operation')
    return openDoor(ctx, gate, { who: activeOf(gate), operations });
  switch (ctx.path) {
    case '/sign-in/email':
      return admitPassword(ctx, gate);
    case '/passkey/sign-in-options':
      return offerFirst(ctx, gate);
    case '/passkey/sign-in':
      return answerFirst(ctx, gate);
    case '/sign-out':
      return endSession(gate);
    case '/two-factor/enable':
      return admitEnrolment(ctx, gate, sessionOf(gate) ?? activeOf(gate));
    case '/two-factor/verify-totp': {
      const inSession = sessionOf(gate);
      return inSession === null
        ? admitChallengeCode(ctx, gate)
        : admitSessionCode(ctx, gate, inSession);
    }
    case '/two-factor/passkey-options':
      return offerPasskey(ctx, gate, sessionOf(gate));
    case '/two-factor/verify-passkey':
      return answerPasskey(ctx, gate);
    case '/two-factor/verify-backup-code':
      return answerRecoveryCode(ctx, gate);
    default:
      return undefined;
  }
}

/** What keeps this caller from an endpoint of this class, or null. */
function reasonToBlock(
  ctx: HookContext,
  gate: Gate,
  endpointClass: EndpointClass,
): keyof typeof BLOCK_REASONS | null {
  const { state } = gate.identity;
  if (endpointClass === 'closed') return 'closed';
  if (endpointClass === 'active' || endpointClass === 'operation') {
    const isEnrolling = ENROLLING.has(ctx.path);
    const signedIn = signedInFor(gate.identity, isEnrolling ? 'enrolling' : 'active');
    if (typeof signedIn === 'string') return LACKS[signedIn];
  }
  if (endpointClass === 'pending' && state === 'none') return 'noChallenge';
  // Someone signed in as another reads, and runs no ceremony in their name.
  const isImpersonated = (sessionOf(gate)?.impersonatedBy ?? null) !== null;
  return isImpersonated && CEREMONIES.has(ctx.path) ? 'impersonationForbidden' : null;
}

async function after(ctx: HookContext, server: ServerContext): Promise<unknown> {
  const admitted = takeAdmission(ctx);
  const born = ctx.context.newSession;
  if (born !== null && born !== undefined) {
    await ctx.context.internalAdapter.deleteSession(born.session.token);
    ctx.context.setNewSession(null);
    deleteSessionCookie(ctx, true);
  }
  if (admitted !== null) return settle(ctx, admitted.gate, admitted.admission);
  if (born) throw await block(ctx, await openGate(ctx, server), 'closed');
  if (ctx.path !== '/get-session') return undefined;
  const { identity } = await openGate(ctx, server);
  // Replaces the answer: a session Better Auth sees but we do not vouch for is no session.
  return identity.state === 'active' ? undefined : null;
}

async function settle(ctx: HookContext, gate: Gate, admission: Admission): Promise<unknown> {
  switch (admission.kind) {
    case 'password':
      return afterPassword(ctx, gate, admission);
    case 'enable':
      return afterEnrolmentStart(ctx, gate, admission.who);
    case 'challenge':
      return afterChallengeCode(ctx, gate, admission);
    case 'first-code':
      return isAPIError(ctx.context.returned) ? undefined : afterFirstCode(ctx, gate, admission);
    case 'code-again':
      return isAPIError(ctx.context.returned)
        ? undefined
        : afterCodeAgain(ctx, gate, admission.who);
  }
}

function activeOf({ identity, source }: Gate): SignedIn {
  if (identity.state !== 'active') throw refusal('sessionRequired', source.requestId);
  return identity;
}

/** The session a code is typed in: active, or fallen below its person's level. */
function sessionOf({ identity }: Gate): SignedIn | null {
  if (identity.state === 'active') return identity;
  return identity.state === 'pending' ? identity.session : null;
}

/** Ends what this browser holds: its session, and its own unfinished sign-in, nobody else's. */
async function endSession({ server, identity, source, headers }: Gate): Promise<void> {
  const token = await server.cookies.readPending(headers);
  const session = identity.state === 'none' ? null : sessionIn(identity);
  await server.database.transaction(async (unit) => {
    const pendingFor = token === null ? null : await unit.pendingSignIns.end(bearerHash(token));
    if (pendingFor !== null) {
      const tenantId = await unit.people.firstTenant(pendingFor);
      await unit.record(
        endedEvent({ source, actorId: pendingFor, tenantId, reason: 'sign_in_abandoned' }),
      );
    }
    if (session === null) return;
    const { sid, userId, tenantId } = session;
    if (!(await unit.sessions.end(sid, userId, 'signed_out', unit.now))) return;
    await unit.record({
      ...endedEvent({ source, actorId: userId, tenantId, reason: 'signed_out' }),
      details: { sid },
    });
  });
}

function endedEvent(options: {
  source: RequestSource;
  actorId: string;
  tenantId: string | null;
  reason: string;
}): EventInput {
  const { source, ...rest } = options;
  return {
    event: 'session.ended',
    outcome: 'success',
    ...rest,
    requestId: source.requestId,
    personal: sourceFields(source),
  };
}

const LACKS = {
  session_required: 'sessionRequired',
  challenge_required: 'challengeRequired',
  enrolment_required: 'enrolmentRequired',
} as const;

const BLOCK_REASONS = {
  closed: 'endpoint_closed',
  sessionRequired: 'session_required',
  challengeRequired: 'challenge_required',
  enrolmentRequired: 'enrolment_required',
  noChallenge: 'no_challenge',
  impersonationForbidden: 'impersonation_forbidden',
} as const;

function tenantOf(identity: Identity): string | null {
  if (identity.state === 'none') return null;
  return identity.state === 'active' ? identity.session.tenantId : identity.tenantId;
}

async function block(ctx: HookContext, gate: Gate, kind: keyof typeof BLOCK_REASONS) {
  const { server, source, identity } = gate;
  await recordBlocked(server.database, source.address, {
    event: 'request.blocked',
    outcome: 'denied',
    actorId: identity.state === 'none' ? null : identity.person.id,
    tenantId: tenantOf(identity),
    requestId: source.requestId,
    reason: BLOCK_REASONS[kind],
    personal: { path: `/api/auth${ctx.path}`.slice(0, 200), ...sourceFields(source) },
  });
  return refusal(kind, source.requestId);
}
