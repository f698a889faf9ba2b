import type { AuthContext, BetterAuthOptions, BetterAuthPlugin } from 'better-auth';
import { createAuthMiddleware, isAPIError } from 'better-auth/api';
import { deleteSessionCookie } from 'better-auth/cookies';
import { sourceFields } from '../../ceremonies/sign-in.ts';
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
  type PathClasses,
  withAdded,
} from './classification.ts';
import { endSession } from './end-session.ts';
import {
  admitFirstFactor,
  afterFirstFactor,
  type BornSession,
  type FirstFactorMethod,
  type SignInPages,
} from './first-factor.ts';
import {
  type Admission,
  type Gate,
  type HookContext,
  isComparing,
  takeAdmission,
} from './gate-context.ts';
import { openDoor } from './operation-doors.ts';
import { answerFirst, offerFirst, passkeyFirstEndpoints } from './passkey-first-gate.ts';
import { answerPasskey, offerPasskey, passkeyEndpoints } from './passkey-gate.ts';
import { answerReset, answerResetRequest } from './password-reset-doors.ts';
import { answerProvider, beginProvider, providerEndpoints } from './provider-gate.ts';
import { refusal } from './refusal.ts';
import { approved, currentSource } from './request-scope.ts';
import { withoutSession } from './session-cookies.ts';
import {
  admitPassword,
  afterPassword,
  answerCode,
  answerRecoveryCode,
  PasswordAccepted,
} from './sign-in-gate.ts';

export interface CountersignPluginOptions {
  /** Known only once Better Auth's context exists; read at the first request. */
  readonly server: () => ServerContext;
  /** The operations that Better Auth's sensitive endpoints are doors to. */
  readonly operations: AccountOperations;
  /** Classes of endpoints that other plugins of the application add. */
  readonly endpoints?: Readonly<Record<string, EndpointClass>>;
  /** Where a sign-in that ends in a redirect leads instead; `/sign-in/challenge` and `/sign-in` unless said. */
  readonly pages?: Partial<SignInPages>;
}

/**
 * Puts Better Auth behind the sign-in gate. It must be the last plugin: every session is stillborn
 * unless our own ceremony approved it, every endpoint is refused unless its class admits the caller,
 * and what Better Auth answers is replaced by what the ceremony decided.
 *
 * @throws {TypeError} at start when a registered endpoint is not classified; when another plugin stands
 * behind it; and when a provider's sign-in would be joined by its address to an account that is there.
 */
export function countersign(options: CountersignPluginOptions) {
  let paths: PathClasses = new Map();
  return {
    id: 'countersign',
    endpoints: { ...passkeyEndpoints, ...passkeyFirstEndpoints, ...providerEndpoints },
    init: (context) => {
      const classes = withAdded(options.endpoints ?? {});
      refuseUnsafeSetup(context.options, classes);
      paths = classifyEndpoints(context, classes);
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
            failClosed(options.server(), ctx, (server) =>
              after(ctx, server, { ...PAGES, ...options.pages }),
            ),
          ),
        },
      ],
    },
  } satisfies BetterAuthPlugin;
}

const PAGES: SignInPages = { challenge: '/sign-in/challenge', signIn: '/sign-in' };

function refuseUnsafeSetup(
  { plugins, account }: BetterAuthOptions,
  classes: Readonly<Record<string, EndpointClass>>,
): void {
  if (plugins?.at(-1)?.id !== 'countersign') throw new TypeError('countersign is the last plugin');
  const isProviderOpen = Object.values(classes).includes('first-factor:idp');
  if (isProviderOpen && account?.accountLinking?.disableImplicitLinking !== true) {
    throw new TypeError(
      'set account.accountLinking.disableImplicitLinking: linking needs proof of both',
    );
  }
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

/**
 * The first lock: a session nobody approved is born expired, whatever becomes of its cookie. After a right
 * password there is not even that: Better Auth's endpoint ends where it would have made one.
 */
const stillbornSessions = {
  session: {
    create: {
      before: async (
        session: { readonly userId: string },
        ctx?: { readonly context: AuthContext } | null,
      ) => {
        const { userId } = session;
        if (approved.getStore()?.userId === userId) return undefined;
        if (ctx?.context && isComparing(ctx.context)) throw new PasswordAccepted(userId);
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
  '/request-password-reset',
  '/reset-password',
  '/sign-in/provider',
  '/sign-in/provider-return',
  '/two-factor/enable',
  '/two-factor/verify-totp',
  '/two-factor/verify-backup-code',
  '/two-factor/verify-passkey',
]);

const FIRST_FACTORS: ReadonlyMap<EndpointClass, FirstFactorMethod> = new Map([
  ['first-factor:email', 'email'],
  ['first-factor:idp', 'idp'],
]);

/** What a session reaches that policy keeps at its enrolment. */
const ENROLLING = new Set(['/two-factor/enable']);

/** Ceremonies inside a session; sign-in and the operations' doors have their own gates. */
const CEREMONIES = new Set([
  '/two-factor/enable',
  '/two-factor/verify-totp',
  '/two-factor/passkey-options',
]);

interface Judged {
  readonly endpointClass: EndpointClass;
  readonly operations: AccountOperations;
}

async function before(ctx: HookContext, server: ServerContext, judged: Judged): Promise<unknown> {
  const gate = await openGate(ctx, server);
  const decided = await decide(ctx, gate, judged);
  if (ctx.headers === undefined) return decided;
  const { context } = (decided ?? { context: {} }) as { readonly context?: object };
  const headers = judgedCookies(ctx, gate, judged);
  return context === undefined ? decided : { context: { ...context, headers } };
}

/**
 * The endpoint sees the cookies that were judged here, whatever a plugin in front put in their place (the
 * token of an `Authorization` header), and a session that is not vouched for only where it is the matter.
 */
function judgedCookies(ctx: HookContext, { identity, headers }: Gate, judged: Judged): Headers {
  const isForAnyone = judged.endpointClass === 'open' || FIRST_FACTORS.has(judged.endpointClass);
  const isNobody = isForAnyone && identity.state !== 'active' && ctx.path !== '/sign-out';
  const cookie = headers.get('cookie') ?? '';
  return new Headers({ cookie: isNobody ? withoutSession(cookie, ctx.context) : cookie });
}

async function decide(
  ctx: HookContext,
  gate: Gate,
  { endpointClass, operations }: Judged,
): Promise<unknown> {
  const { server } = gate;
  const blocked = reasonToBlock(ctx, gate, endpointClass);
  if (blocked !== null) throw await block(ctx, gate, blocked);
  const method = FIRST_FACTORS.get(endpointClass);
  const isGuessed = method !== undefined || GUESSED.has(ctx.path);
  if (isGuessed && !(await admitAttempt(server.database, gate.source))) {
    throw refusal('tooManyAttempts', gate.source.requestId, 60);
  }
  if (method !== undefined) return admitFirstFactor(ctx, gate, method);
  if (endpointClass === 'operation')
    return openDoor(ctx, gate, { who: activeOf(gate), operations });
  switch (ctx.path) {
    case '/sign-in/email':
      return admitPassword(ctx, gate);
    case '/passkey/sign-in-options':
      return offerFirst(ctx, gate);
    case '/passkey/sign-in':
      return answerFirst(ctx, gate);
    case '/request-password-reset':
      return answerResetRequest(ctx, gate);
    case '/reset-password':
      return answerReset(ctx, gate);
    case '/sign-in/provider':
      return beginProvider(ctx, gate);
    case '/sign-in/provider-return':
      return answerProvider(ctx, gate);
    case '/sign-out':
      return endSession(gate);
    case '/two-factor/enable':
      return admitEnrolment(ctx, gate, sessionOf(gate) ?? activeOf(gate));
    case '/two-factor/verify-totp': {
      const inSession = sessionOf(gate);
      if (isUnproved(gate)) throw await block(ctx, gate, 'enrolmentRequired');
      return inSession === null ? answerCode(ctx, gate) : admitSessionCode(ctx, gate, inSession);
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

async function after(
  ctx: HookContext,
  server: ServerContext,
  pages: SignInPages,
): Promise<unknown> {
  const admitted = takeAdmission(ctx);
  const born = await bornIn(ctx, server);
  if (born !== null) {
    await ctx.context.internalAdapter.deleteSession(born.session.token);
    ctx.context.setNewSession(null);
    deleteSessionCookie(ctx, true);
  }
  if (admitted?.admission.kind === 'first-factor') {
    const { gate, admission } = admitted;
    return born === null ? undefined : afterFirstFactor(ctx, gate, { ...admission, born, pages });
  }
  if (admitted !== null) return settle(ctx, admitted.gate, admitted.admission);
  if (born !== null) throw await block(ctx, await openGate(ctx, server), 'closed');
  if (ctx.path !== '/get-session') return undefined;
  const { identity } = await openGate(ctx, server);
  // Replaces the answer: a session Better Auth sees but we do not vouch for is no session.
  return identity.state === 'active' ? undefined : null;
}

/** The session Better Auth made here; not the one it was asked with, written anew. */
async function bornIn(ctx: HookContext, server: ServerContext): Promise<BornSession | null> {
  const born = ctx.context.newSession ?? null;
  if (born === null) return null;
  const { identity } = await openGate(ctx, server);
  const held = identity.state === 'active' ? identity : sessionOf({ identity });
  return held?.token === born.session.token ? null : born;
}

async function settle(
  ctx: HookContext,
  gate: Gate,
  admission: Exclude<Admission, { kind: 'first-factor' }>,
): Promise<unknown> {
  switch (admission.kind) {
    case 'password':
      return afterPassword(ctx, gate, admission);
    case 'enable':
      return afterEnrolmentStart(ctx, gate, admission);
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

/** Kept at an enrolment, its address not proved: one begun before policy asked ends no easier. */
function isUnproved({ identity }: Gate): boolean {
  return signedInFor(identity, 'enrolling') === 'enrolment_required';
}

/** The session a code is typed in: active, or fallen below its person's level. */
function sessionOf({ identity }: Pick<Gate, 'identity'>): SignedIn | null {
  if (identity.state === 'active') return identity;
  return identity.state === 'pending' ? identity.session : null;
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
