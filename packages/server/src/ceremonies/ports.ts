import type {
  AuthenticationMethod,
  Confirmation,
  StepUpMethod,
  TenantPolicy,
} from '../contract/index.ts';
import type { Entry, EventInput } from '../events/entry.ts';
import type { AttemptCount } from '../factors/attempt-budget.ts';
import type { Bound } from '../policy/operation-requirement.ts';
import type { FailureNoticeStore } from './failure-notices.ts';
import type { FreezeStore, KnownDeviceStore } from './known-device-ports.ts';
import type { AddressProofStore } from './mailed-code-ports.ts';
import type { InvitationStore, PasswordResetStore } from './mailed-link-ports.ts';
import type { PasskeySignInStore, PasskeyStore } from './passkey-ports.ts';
import type { IdentityStore, ProviderJourneyStore, TenantProviderStore } from './provider-ports.ts';
import type { FirstLocks, StepUpStore } from './step-up-ports.ts';

/** Where a request came from, as far as it can be told. `requestId` is ours, never the caller's. */
export interface RequestSource {
  readonly requestId: string;
  readonly address: string;
  readonly userAgent: string;
  /** Absent where no browser asks, or none can be given a cookie. */
  readonly device?: DeviceCookie;
}

/** The known-device cookie of one request. */
export interface DeviceCookie {
  /** Hashes of the tokens this browser holds: those it sent, and those made in this request. */
  hashes(): readonly Uint8Array[];
  /** Makes a token for this browser and gives its hash. It is sent only if its row stands at the end. */
  renew(): Uint8Array;
}

/** A stored authenticator app; `bound` once Better Auth and we both saw a first correct code. */
export interface TotpAuthenticator {
  readonly id: string;
  readonly bound: boolean;
  /** Better Auth's ciphertext of the secret. */
  readonly storedSecret: string;
  /** The last accepted time step; -1 when none was. */
  readonly lastStep: number;
  readonly startedAt: Date | null;
  readonly startedSid: string | null;
}

export interface AuthenticationSession {
  readonly sid: string;
  /** Better Auth's id of the row that holds the present cookie's token. */
  readonly sessionId: string;
  readonly userId: string;
  readonly tenantId: string | null;
  readonly aal: number;
  readonly methods: readonly AuthenticationMethod[];
  readonly authenticatedAt: Date;
  /** The last confirmation that opened a window: how sure it made us, by what, and when. */
  readonly recent: RecentConfirmation | null;
}

export interface RecentConfirmation {
  readonly at: Date;
  readonly confirmation: Confirmation;
  readonly method: StepUpMethod | null;
}

export interface PendingSignIn {
  readonly id: string;
  readonly userId: string;
  readonly methods: readonly AuthenticationMethod[];
  /** The tenant whose provider vouched for the person; null where they signed in by themselves. */
  readonly tenantId: string | null;
}

export interface Person {
  readonly id: string;
  readonly name: string;
  readonly email: string;
}

export interface Notice {
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  /** Whose account the "this wasn't me" link of the mail freezes; absent where it has none. */
  readonly repudiate?: string;
}

/**
 * One open transaction at read committed. Everything done through it commits together or not at all;
 * `now` is the database's, read once. All row locks are held to its end.
 */
export interface Unit {
  readonly now: Date;
  /** Appends an audit entry in this transaction. Throws when it cannot: then nothing happened. */
  record(input: EventInput): Promise<Entry>;
  /** Builds an entry that a store's method appends beside what it records. */
  prepare(input: EventInput): Entry;
  newId(): string;
  /** At least 128 random bits as text. */
  newSalt(): string;
  /** Queues a mail in this transaction; it is sent only if the transaction commits. */
  notify(notice: Notice): Promise<void>;
  readonly people: PeopleStore;
  readonly authenticators: AuthenticatorStore;
  readonly budgets: BudgetStore;
  readonly windows: WindowStore;
  readonly sessions: SessionStore;
  readonly addressProofs: AddressProofStore;
  readonly failureNotices: FailureNoticeStore;
  readonly passwordResets: PasswordResetStore;
  readonly invitations: InvitationStore;
  readonly pendingSignIns: PendingSignInStore;
  readonly recoveryCodes: RecoveryCodeStore;
  readonly stepUps: StepUpStore;
  readonly passkeys: PasskeyStore;
  readonly passkeySignIns: PasskeySignInStore;
  readonly identities: IdentityStore;
  readonly tenantProviders: TenantProviderStore;
  readonly providerJourneys: ProviderJourneyStore;
  readonly policies: PolicyStore;
  readonly knownDevices: KnownDeviceStore;
  readonly freezes: FreezeStore;
  /**
   * Does several things in this order, without waiting for one before the next is sent: each sees what those
   * before it locked. Of their errors the first is thrown.
   */
  together<const T extends readonly unknown[]>(
    things: {
      readonly [K in keyof T]: () => Promise<T[K]>;
    },
  ): Promise<T>;
  /**
   * Ends the transaction with its last statement, which `last` sends before it first waits: both
   * travel together. When it fails nothing is committed, and its error is thrown. Afterwards nothing
   * more can be done through the unit.
   */
  finish<T>(last: () => Promise<T>): Promise<T>;
}

/** A transaction that its holder ends. After either end, nothing more can be done through it. */
export interface OpenUnit<Tx> extends Unit {
  readonly tx: Tx;
  /** True until {@link commit}, {@link Unit.finish} or {@link rollback} was called. */
  readonly isOpen: boolean;
  commit(): Promise<void>;
  rollback(): Promise<void>;
}

export interface Transactions<Tx> {
  /**
   * Runs `work` in one transaction; a throw rolls it back and is rethrown. A victim of a deadlock is
   * run again, so `work` must do nothing that a rollback does not undo.
   */
  transaction<T>(work: (unit: Unit & { readonly tx: Tx }) => Promise<T>): Promise<T>;
  /** As {@link transaction}, for work that has to know when its commit is done. */
  openTransaction<T>(work: (unit: OpenUnit<Tx>) => Promise<T>): Promise<T>;
  /** As {@link openTransaction}; its first lock is taken in the statement it begins with. */
  lockedTransaction<T, L>(
    lock: (locks: FirstLocks) => Promise<L>,
    work: (unit: OpenUnit<Tx>, locked: Promise<L>) => Promise<T>,
  ): Promise<T>;
}

export interface PeopleStore {
  find(userId: string): Promise<Person | null>;
  findByEmail(email: string): Promise<Person | null>;
  /**
   * Locks the person: shared while a sign-in of theirs opens, exclusive while all of them end, so that
   * none slips between what ends them.
   */
  lock(userId: string, purpose: 'to sign in' | 'to end sign-ins'): Promise<void>;
  /** The tenant a person signs in to: the one they joined first, or null. */
  firstTenant(userId: string): Promise<string | null>;
  /** Both at once, and what Better Auth's "enabled" flag says. */
  atHome(userId: string): Promise<{
    readonly person: Person | null;
    readonly firstTenant: string | null;
    readonly isFlagged: boolean;
  }>;
  /** Names of every organisation the person belongs to. */
  organizationNames(userId: string): Promise<readonly string[]>;
  /** Up to a hundred administrators of a tenant. */
  administrators(tenantId: string): Promise<readonly Person[]>;
  /** When the person's present address was verified; null when it never was. */
  addressVerifiedAt(userId: string): Promise<Date | null>;
  /** The scrypt string Better Auth keeps for the person's password; null when there is none. */
  passwordHash(userId: string): Promise<string | null>;
  /** Replaces it; false for a person without a password, who gets none. */
  replacePassword(userId: string, hash: string): Promise<boolean>;
  /** Makes an account whose address is proved; null when somebody has the address. */
  create(person: {
    readonly name: string;
    readonly email: string;
    readonly passwordHash: string;
    readonly now: Date;
  }): Promise<string | null>;
  /** Makes a member; false, and nothing changed, for one who is. The caller holds the person's lock. */
  join(membership: {
    readonly userId: string;
    readonly tenantId: string;
    readonly role: 'administrator' | 'person';
    readonly now: Date;
  }): Promise<boolean>;
}

export interface LockedTotp {
  readonly authenticator: TotpAuthenticator;
  /** Known where one of the devices asked with is the person's. */
  readonly lane: Lane;
  readonly count: AttemptCount;
}

export interface AuthenticatorStore {
  /** Which kinds the person has bound; a locked one counts. Locks nothing. */
  bound(userId: string): Promise<{ readonly totp: Bound | null; readonly passkey: Bound | null }>;
  /**
   * The person's authenticator app and one lane of its budget, both locked, in one statement: the known
   * devices' where one of `devices`, hashes of tokens, is the person's. Null when there is no app.
   */
  lockTotpForAttempt(userId: string, devices: readonly Uint8Array[]): Promise<LockedTotp | null>;
  /** As {@link lockTotpForAttempt}; null also when nobody used it or the lane yet. */
  findTotpForAttempt(userId: string, devices: readonly Uint8Array[]): Promise<LockedTotp | null>;
  /** The person's authenticator app, locked until the transaction ends. Null when there is none. */
  lockTotp(userId: string): Promise<TotpAuthenticator | null>;
  /** Records that enrolment began in `sid`; any earlier step or binding of the row is cleared. */
  start(userId: string, sid: string, now: Date): Promise<string | null>;
  /** Compare-and-set: true when `step` is above the last accepted one, which it then becomes. */
  advanceStep(id: string, step: number, now: Date): Promise<boolean>;
  /** Marks as bound; false when it already was, or when the verified secret is not `storedSecret`. */
  bind(id: string, storedSecret: string, now: Date): Promise<boolean>;
  /** Deletes the rows of an authenticator whose binding was never finished. */
  removeUnbound(id: string, userId: string): Promise<void>;
  /** Deletes Better Auth's and our rows of a bound authenticator; false when there was none. */
  remove(id: string, userId: string, now: Date): Promise<boolean>;
  /** Forgets every enrolment that was begun and not finished: what confirmed it no longer stands alone. */
  endEnrolments(userId: string): Promise<void>;
  /** Makes Better Auth's "enabled" flag say whether a verified secret exists. */
  repairFlag(userId: string): Promise<void>;
}

export interface BudgetStore {
  /** Reads a lane and locks it, creating it when absent, so that raced attempts queue. */
  lock(subject: string, lane: Lane): Promise<AttemptCount>;
  fail(subject: string, lane: Lane, now: Date): Promise<number>;
  reset(subject: string, lane: Lane): Promise<void>;
  /** Deletes both lanes: what they counted guesses at is gone. */
  forget(subject: string): Promise<void>;
}

export interface WindowStore {
  /**
   * Counts one more in the present minute, hour or day of the database's clock, in one statement. Resolves to
   * what that makes, or to null, nothing counted, when there were `atMost` already.
   */
  count(window: {
    readonly key: string;
    readonly kind:
      | 'challenge'
      | 'passkey-offer'
      | 'code-person'
      | 'code-address'
      | 'link-person'
      | 'link-source'
      | 'link-address'
      | 'link-tenant'
      | 'mail-slowed'
      | 'mail-locked';
    readonly per: 'minute' | 'hour' | 'day';
    readonly atMost?: number;
  }): Promise<number | null>;
}

/** Known devices get a lane of their own; everyone else shares the strangers'. */
export type Lane = 'stranger' | 'known';

export interface NewSession {
  readonly sessionId: string;
  readonly userId: string;
  readonly tenantId: string | null;
  readonly aal: number;
  readonly methods: readonly AuthenticationMethod[];
  readonly source: RequestSource;
  readonly now: Date;
}

export interface SessionStore {
  /** Writes the assurance record; returns the new sid. */
  open(session: NewSession): Promise<string>;
  /** Locks a live session against ending until the transaction ends; null when it is over. */
  lock(sid: string): Promise<AuthenticationSession | null>;
  /** As {@link lock}, for a caller that will change the session: raced callers queue here. */
  lockForChange(sid: string): Promise<AuthenticationSession | null>;
  /** Ends every window of recent authentication the person has open. */
  closeWindows(userId: string): Promise<void>;
  /** Locks the membership and returns the role, or null when there is none. */
  lockRole(userId: string, tenantId: string): Promise<string | null>;
  /** Compare-and-set of the token under the same sid; false when another rotation came first. */
  rotate(sessionId: string, oldToken: string, newToken: string): Promise<boolean>;
  /**
   * Moves the record to another Better Auth session, which then ends no later than `expiresAt`, and
   * deletes the old one.
   */
  move(options: {
    readonly sid: string;
    readonly fromSessionId: string;
    readonly toSessionId: string;
    readonly expiresAt: Date;
  }): Promise<boolean>;
  /** Raises the level by a method, which joins the session's only where the level was below. */
  raise(sid: string, aal: number, method: AuthenticationMethod): Promise<void>;
  /** Takes a session back to its password alone: what else it rested on is gone. */
  fallToPassword(sid: string): Promise<void>;
  /** Whether the person ever had a session. */
  hadAny(userId: string): Promise<boolean>;
  /** Ends sessions of the person, all but `exceptSid`; returns the ended sids. */
  endAll(userId: string, exceptSid: string | null, reason: string, now: Date): Promise<string[]>;
  end(sid: string, userId: string, reason: string, now: Date): Promise<boolean>;
  /** Ends the person's sessions that act in a tenant; returns the ended sids. */
  endInTenant(userId: string, tenantId: string, reason: string, now: Date): Promise<string[]>;
  /** Lets a session that acts in no tenant act in this one, where its person is a member. */
  enterTenant(sid: string, tenantId: string): Promise<boolean>;
  /**
   * Ends what rests on a tenant's provider, unfinished sign-ins included, all but `exceptSid`; returns
   * the ended sessions.
   */
  endVouched(
    tenantId: string,
    exceptSid: string,
    now: Date,
  ): Promise<{ readonly sid: string; readonly userId: string }[]>;
}

export interface PendingSignInStore {
  open(options: {
    readonly tokenHash: Uint8Array;
    readonly userId: string;
    readonly methods: readonly AuthenticationMethod[];
    readonly tenantId: string | null;
    readonly now: Date;
    readonly expiresAt: Date;
  }): Promise<string>;
  /** Locks an unfinished, unexpired sign-in. */
  lock(tokenHash: Uint8Array, now: Date): Promise<PendingSignIn | null>;
  /** Whether it was not ended; a completed one was not. What would end it waits for the transaction. */
  isKept(id: string): Promise<boolean>;
  /** Compare-and-set: true once. */
  complete(id: string, now: Date): Promise<boolean>;
  /** Ends the one unfinished sign-in a browser holds; the person it was for, or null. */
  end(tokenHash: Uint8Array): Promise<string | null>;
  endAll(userId: string): Promise<void>;
}

export interface RecoveryCodeStore {
  /** Replaces whatever set there was. */
  issue(options: {
    readonly userId: string;
    readonly salt: Uint8Array;
    readonly hashes: readonly Uint8Array[];
    readonly now: Date;
  }): Promise<void>;
  /** The salt of the living set, or null. */
  salt(userId: string): Promise<Uint8Array | null>;
  /** Compare-and-set: true once a code. */
  spend(userId: string, hash: Uint8Array, now: Date): Promise<boolean>;
  remaining(userId: string): Promise<number>;
  endAll(userId: string): Promise<void>;
}

export interface PolicyStore {
  /** The tenant's policy and its version; version 0 is the default nobody changed. */
  find(tenantId: string): Promise<{ readonly version: number; readonly policy: TenantPolicy }>;
  /** Compare-and-set by version; false when it has changed. */
  change(tenantId: string, expectedVersion: number, policy: TenantPolicy): Promise<boolean>;
}

/** Hashes and compares passwords as Better Auth does. */
export interface PasswordHasher {
  hash(password: string): Promise<string>;
  verify(options: { hash: string; password: string }): Promise<boolean>;
}

/** Opens stored secrets and gives the second opinion on a code: Better Auth's, behind a port. */
export interface TotpVerifier {
  /** @throws when the ciphertext cannot be opened: the code is then refused as unavailable. */
  open(storedSecret: string): Promise<OpenedSecret>;
}

export interface OpenedSecret {
  readonly key: Uint8Array;
  /** Whether `code` is what Better Auth's generator makes for the time step. */
  verify(code: string, step: number): Promise<boolean>;
}

/** Randomness, as an argument. */
export interface Randomness {
  bytes(length: number): Uint8Array;
}
