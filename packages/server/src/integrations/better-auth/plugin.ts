import type { BetterAuthPlugin } from 'better-auth';
import { createAuthMiddleware, isAPIError } from 'better-auth/api';
import { deleteSessionCookie } from 'better-auth/cookies';
import { sourceFields } from '../../ceremonies/sign-in.ts';
import type { ServerContext } from '../../http/environment.ts';
import { identify, type SignedIn } from '../../http/identity.ts';
import { recordBlocked } from '../../storage/source-window-store.ts';
import {
  admitEnrolment,
  admitSessionCode,
  afterCodeAgain,
  afterEnrolmentStart,
  afterFirstCode,
  disableThroughGuard,
} from './authenticator-gate.ts';
import {
  classifyEndpoints,
  type EndpointClass,
  endpointClasses,
  type PathClasses,
} from './classification.ts';
import { type Admission, type Gate, type HookContext, takeAdmission } from './gate-context.ts';
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
    init: (context) => {
      paths = classifyEndpoints(context, { ...endpointClasses, ...options.endpoints });
      return { options: { databaseHooks: stillbornSessions } };
    },
    hooks: {
      before: [
        {
          matcher: () => true,
          handler: createAuthMiddleware((ctx) =>
            before(ctx, options.server(), paths.get(ctx.path) ?? 'closed'),
          ),
        },
      ],
      after: [
        {
          matcher: () => true,
          handler: createAuthMiddleware((ctx) => after(ctx, options.server())),
        },
      ],
    },
  } satisfies BetterAuthPlugin;
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
    identity: await identify(server, headers),
  };
}

async function before(
  ctx: HookContext,
  server: ServerContext,
  endpointClass: EndpointClass,
): Promise<unknown> {
  const gate = await openGate(ctx, server);
  if (endpointClass === 'closed') throw await block(ctx, gate, 'closed');
  if (endpointClass === 'active' || endpointClass === 'operation') {
    if (gate.identity.state === 'none') throw await block(ctx, gate, 'sessionRequired');
    if (gate.identity.state === 'pending') throw await block(ctx, gate, 'challengeRequired');
  }
  if (endpointClass === 'pending' && gate.identity.state === 'none') {
    throw await block(ctx, gate, 'noChallenge');
  }
  switch (ctx.path) {
    case '/sign-in/email':
      return admitPassword(ctx, gate);
    case '/sign-out':
      return endSession(gate);
    case '/two-factor/enable':
      return admitEnrolment(ctx, gate, activeOf(gate));
    case '/two-factor/disable':
      return disableThroughGuard(ctx, gate, activeOf(gate));
    case '/two-factor/verify-totp': {
      const inSession = sessionOf(gate);
      return inSession === null
        ? admitChallengeCode(ctx, gate)
        : admitSessionCode(ctx, gate, inSession);
    }
    case '/two-factor/verify-backup-code':
      return answerRecoveryCode(ctx, gate);
    default:
      return undefined;
  }
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

async function endSession({ server, identity, source }: Gate): Promise<void> {
  if (identity.state === 'none') return;
  const { person } = identity;
  await server.database.transaction(async (unit) => {
    if (identity.state === 'pending') await unit.pendingSignIns.endAll(person.id);
    const session = identity.session;
    const signedIn = session === null ? null : 'sid' in session ? session : session.session;
    if (signedIn === null) return;
    await unit.sessions.end(signedIn.sid, person.id, 'signed_out', unit.now);
    await unit.record({
      event: 'session.ended',
      outcome: 'success',
      actorId: person.id,
      tenantId: signedIn.tenantId,
      requestId: source.requestId,
      reason: 'signed_out',
      details: { sid: signedIn.sid },
      personal: sourceFields(source),
    });
  });
}

async function block(
  ctx: HookContext,
  gate: Gate,
  kind: 'closed' | 'sessionRequired' | 'challengeRequired' | 'noChallenge',
) {
  const { server, source, identity } = gate;
  await recordBlocked(server.database, source.address, {
    event: 'request.blocked',
    outcome: 'denied',
    actorId: identity.state === 'none' ? null : identity.person.id,
    tenantId: identity.state === 'active' ? identity.session.tenantId : null,
    requestId: source.requestId,
    reason: kind === 'closed' ? 'endpoint_closed' : 'session_required',
    details: { path: `/api/auth${ctx.path}`.slice(0, 200) },
    personal: sourceFields(source),
  });
  return refusal(kind, source.requestId);
}
