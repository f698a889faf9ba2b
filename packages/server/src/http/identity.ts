import type { Actor } from '../ceremonies/operation.ts';
import type { AuthenticationSession, Person } from '../ceremonies/ports.ts';
import { bearerHash } from '../ceremonies/sign-in.ts';
import {
  BACKGROUND_HEADER,
  memberMfaSchema,
  mfaPolicySchema,
  type Session,
  type SessionExpiry,
} from '../contract/index.ts';
import {
  decideEnforcement,
  type EnforcementFacts,
  type EnforcementStatus,
  rulesOf,
  statusOf,
} from '../policy/enforcement.ts';
import { isJoinedByCode } from '../policy/first-factor.ts';
import { decideRecovery, type RecoveryDecision } from '../policy/recovery.ts';
import { decideExpiry, type Expiry } from '../policy/session-expiry.ts';
import { decideSession, type SessionDecision } from '../policy/session-state.ts';
import type { Database } from '../storage/database.ts';
import { findPending, type IdentityRow } from '../storage/identity-query.ts';
import { endOverdueSession, touchSession } from '../storage/session-end.ts';

/** How the session and pending cookies are read and written; the signature is checked here. */
export interface SessionCookies {
  /** The token of a correctly signed session cookie, else null. */
  readSession(headers: Headers): Promise<string | null>;
  /** The bearer value of an unfinished sign-in, else null. */
  readPending(headers: Headers): Promise<string | null>;
  /** What binds a journey to an identity provider to this browser, else null. */
  readJourney(headers: Headers): Promise<string | null>;
  /** A `Set-Cookie` value for it; an empty one forgets it. */
  serializeJourney(value: string): Promise<string>;
  /** A `Set-Cookie` value. */
  serializeSession(token: string): Promise<string>;
}

export interface Tenant {
  readonly id: string;
  readonly name: string;
  readonly role: 'administrator' | 'person';
  readonly platform: boolean;
}

export interface SignedIn {
  readonly person: Person;
  readonly session: AuthenticationSession;
  /** The cookie's token, for compare-and-set at rotation. Never leaves the process. */
  readonly token: string;
  readonly tenant: Tenant | null;
  /** Who is signed in as this person; such a session reads, and confirms nothing. */
  readonly impersonatedBy: string | null;
  readonly hasIdentity: boolean;
  /** When this session ends by itself. */
  readonly expiry: Expiry;
  /** What policy asks of the person that they do not have; null when nothing. */
  readonly enforcement: Enforcement | null;
  /** What may be replaced because it is lost; null when nothing, or not in this session. */
  readonly recovery: Recovery | null;
}

export type Recovery = Omit<Extract<RecoveryDecision, { kind: 'possible' }>, 'kind'>;

export interface Enforcement extends EnforcementStatus {
  /** Whether the code from the person's address was typed in this session, a moment ago. */
  readonly isAddressProved: boolean;
}

/** What may answer the challenge of a pending session. */
export type ChallengeMethods = Session['methods'];

export type Identity =
  | { readonly state: 'none' }
  | {
      readonly state: 'pending';
      readonly person: Person;
      readonly tenantId: string | null;
      readonly session: SignedIn | null;
      /** What is missing: an answer, or an authenticator to answer with. */
      readonly needs: 'challenge' | 'enrolment';
      readonly methods: ChallengeMethods;
    }
  | ({ readonly state: 'active' } & SignedIn);

/** Seconds of use that pass before the time of last use is written again. */
const TOUCH_SECONDS = 60;

/**
 * Says who a request is, from the database and nothing else. A session without an assurance record,
 * or past its time, is nobody; one below its person's level is pending.
 *
 * `isActivity` is false for what a page does by itself: that keeps no session alive, and neither does
 * a request that says so of itself.
 */
export async function identify(
  { database, cookies }: { database: Database; cookies: SessionCookies },
  headers: Headers,
  { isActivity }: { readonly isActivity: boolean },
): Promise<Identity> {
  const token = await cookies.readSession(headers);
  const row = token === null ? null : await database.findIdentity(token);
  const signedIn = row === null ? null : await standing(database, row);
  if (row !== null && signedIn !== null) {
    if (row.isUnseen && isActivity && !headers.has(BACKGROUND_HEADER)) {
      const { sid } = signedIn.session;
      await touchSession(database.pool, { sid, atMostEverySeconds: TOUCH_SECONDS });
    }
    const decision = decide(row);
    if (decision.state === 'active') return { state: 'active', ...signedIn };
    if (decision.state === 'pending') {
      const { person } = signedIn;
      const { needs } = decision;
      const methods = answersTo(decision, row);
      return {
        state: 'pending',
        person,
        tenantId: row.tenantId,
        session: signedIn,
        needs,
        methods,
      };
    }
  }
  const pending = await cookies.readPending(headers);
  const person = pending === null ? null : await findPending(database.pool, bearerHash(pending));
  if (person === null) return { state: 'none' };
  const { userId: id, name, email, tenantId } = person;
  const methods = challengeMethods(person);
  const needs = 'challenge';
  return { state: 'pending', person: { id, name, email }, tenantId, session: null, needs, methods };
}

/** The session of a row while its time is not over; one that is over is ended. */
async function standing(database: Database, row: IdentityRow): Promise<SignedIn | null> {
  const signedIn = signedInFrom(row);
  if (signedIn?.expiry.isOver !== true) return signedIn;
  await endOverdueSession(database, signedIn.session.sid);
  return null;
}

/** How long the code from the person's address counts for an enrolment, in seconds. */
const ADDRESS_PROOF_SECONDS = 900;

/**
 * Whether a provider's word stands in for an authenticator: it does for what its tenant asks, and not for
 * what the platform asks of its administrators, wherever they act.
 */
function isVouchedFor({ methods, aal, platformRequirement }: IdentityRow): boolean {
  return methods?.includes('idp') === true && (aal ?? 0) >= 2 && platformRequirement === null;
}

/** The level of a session, without a provider's word where that does not count. */
function levelOf(row: IdentityRow): number | null {
  const methods = row.methods ?? [];
  const hasOwn = methods.some((it) => it === 'otp' || it === 'pop' || it === 'recovery');
  const isOwnAsked = row.platformRequirement !== null && methods.includes('idp');
  return isOwnAsked && !hasOwn && row.aal !== null ? 1 : row.aal;
}

function decide(row: IdentityRow): SessionDecision {
  const { hasTotp, hasPasskey } = row;
  const aal = levelOf(row);
  const isPhishingResistant = row.methods?.includes('pop') === true;
  const requirement = decideEnforcement(enforcementOf(row)).inForce?.requirement ?? 'optional';
  return decideSession({ aal, isPhishingResistant, hasTotp, hasPasskey, requirement });
}

function enforcementOf(row: IdentityRow): EnforcementFacts {
  const { role, joinedAt, now, platformRequirement: platform } = row;
  const isAdministrator = role === 'administrator';
  // What a tenant asks is asked of its members; what the platform asks, wherever they act.
  const isMember = joinedAt !== null;
  const rules = rulesOf({
    policy: isMember ? mfaPolicySchema.nullable().parse(row.mfa) : null,
    role: isAdministrator ? role : 'person',
    platform,
    own: memberMfaSchema.nullable().parse(row.own),
  });
  return { rules, joinedAt: joinedAt ?? now, now };
}

function lackOf(row: IdentityRow): Enforcement | null {
  // Whoever the provider vouches for at level 2 has more than a password, as long as they sign in there.
  const hasTotp = row.hasTotp || isVouchedFor(row);
  const status = statusOf(enforcementOf(row), { hasTotp, hasPasskey: row.hasPasskey });
  if (status === null) return null;
  const provedMs = row.addressProvedAt?.getTime() ?? 0;
  const isAddressProved = row.now.getTime() - provedMs <= ADDRESS_PROOF_SECONDS * 1000;
  return { ...status, isAddressProved };
}

function answersTo(
  decision: Extract<SessionDecision, { state: 'pending' }>,
  row: IdentityRow,
): ChallengeMethods {
  if (decision.needs === 'enrolment') return [];
  if (decision.strength === 'phishing-resistant') return ['passkey'];
  return challengeMethods(row).filter((it) => it !== 'recovery-code');
}

function challengeMethods(
  row: Pick<IdentityRow, 'hasTotp' | 'hasPasskey' | 'methods'>,
): ChallengeMethods {
  const isJoined = isJoinedByCode(row.methods ?? []);
  return [
    ...(row.hasTotp && isJoined ? (['totp'] as const) : []),
    ...(row.hasPasskey ? (['passkey'] as const) : []),
    ...(isJoined ? (['recovery-code'] as const) : []),
  ];
}

/** The actor of an operation, or null when the person has no tenant to act in. */
export function actorOf(identity: SignedIn): Actor | null {
  const { session, tenant } = identity;
  if (tenant === null) return null;
  return {
    sid: session.sid,
    sessionId: session.sessionId,
    userId: session.userId,
    tenantId: tenant.id,
    tenantName: tenant.name,
    role: tenant.role,
    aal: session.aal,
  };
}

/** `GET /api/session`. */
export function describeSession(identity: Identity, mailPage: string | null): Session {
  const nobody = {
    needs: [],
    methods: [],
    user: null,
    tenant: null,
    assurance: null,
    expiry: null,
    enforcement: null,
    recovery: null,
    hasIdentity: false,
    mailPage,
  } satisfies Omit<Session, 'state'>;
  if (identity.state === 'none') return { state: 'none', ...nobody };
  if (identity.state === 'pending') {
    const { person: user, methods, needs, session } = identity;
    const asked =
      needs === 'enrolment' && session !== null
        ? { tenant: describeTenant(session), enforcement: describeEnforcement(session) }
        : {};
    const own =
      session === null
        ? {}
        : { expiry: describeExpiry(session.expiry), recovery: describeRecovery(session) };
    return { ...nobody, state: 'pending', needs: [needs], methods, user, ...own, ...asked };
  }
  const { person, session, hasIdentity } = identity;
  return {
    ...nobody,
    state: 'active',
    user: person,
    tenant: describeTenant(identity),
    assurance: {
      aal: session.aal,
      methods: [...session.methods],
      authenticatedAt: session.authenticatedAt.toISOString(),
    },
    expiry: describeExpiry(identity.expiry),
    enforcement: describeEnforcement(identity),
    recovery: describeRecovery(identity),
    hasIdentity,
  };
}

/** When a session ends by itself, as it is told to the one whose it is. */
export function describeExpiry({ at, reason, secondsLeft }: Expiry): SessionExpiry {
  return { expiresAt: at.toISOString(), reason, secondsLeft };
}

function describeTenant({ tenant }: SignedIn): Session['tenant'] {
  return tenant === null ? null : { id: tenant.id, name: tenant.name, role: tenant.role };
}

function describeEnforcement({ enforcement }: SignedIn): Session['enforcement'] {
  if (enforcement === null) return null;
  const { at, ...rest } = enforcement;
  return { ...rest, at: at.toISOString() };
}

function describeRecovery({ recovery }: SignedIn): Session['recovery'] {
  return recovery && { lost: [...recovery.lost], until: recovery.until.toISOString() };
}

function recoveryOf(row: IdentityRow, authenticatedAt: Date): Recovery | null {
  const { aal, methods, hasTotp, hasPasskey, now } = row;
  if (row.impersonatedBy !== null) return null;
  const facts = { aal, methods: methods ?? [], authenticatedAt, hasTotp, hasPasskey, now };
  const decision = decideRecovery(facts);
  return decision.kind === 'possible' ? decision : null;
}

function signedInFrom(row: IdentityRow): SignedIn | null {
  if (row.sid === null || row.aal === null || row.authenticatedAt === null) return null;
  const { inactiveAt, tooOldAt, now } = row;
  if (inactiveAt === null || tooOldAt === null) return null;
  const isRole = row.role === 'administrator' || row.role === 'person';
  return {
    person: { id: row.userId, name: row.name, email: row.email },
    token: row.token,
    session: {
      sid: row.sid,
      sessionId: row.sessionId,
      userId: row.userId,
      tenantId: row.tenantId,
      aal: row.aal,
      methods: row.methods ?? [],
      authenticatedAt: row.authenticatedAt,
      recent:
        row.recentAt === null || row.recentConfirmation === null
          ? null
          : {
              at: row.recentAt,
              confirmation: row.recentConfirmation,
              method: row.recentMethod,
            },
    },
    impersonatedBy: row.impersonatedBy,
    hasIdentity: row.hasIdentity,
    expiry: decideExpiry({ inactiveAt, tooOldAt }, now),
    enforcement: lackOf(row),
    recovery: recoveryOf(row, row.authenticatedAt),
    tenant:
      row.tenantId !== null && row.tenantName !== null && isRole
        ? { id: row.tenantId, name: row.tenantName, role: row.role, platform: row.platform }
        : null,
  };
}
