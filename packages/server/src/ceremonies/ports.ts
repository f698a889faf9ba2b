import type { AuthenticationMethod, Display, StepUpMethod } from '../contract/index.ts';
import type { EventInput } from '../events/entry.ts';
import type { AttemptCount } from '../factors/attempt-budget.ts';

/** Where a request came from, as far as it can be told. `requestId` is ours, never the caller's. */
export interface RequestSource {
  readonly requestId: string;
  readonly address: string;
  readonly userAgent: string;
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
}

export interface PendingSignIn {
  readonly id: string;
  readonly userId: string;
  readonly methods: readonly AuthenticationMethod[];
}

export interface Person {
  readonly id: string;
  readonly name: string;
  readonly email: string;
}

export interface StepUpRow {
  readonly id: string;
  readonly sid: string;
  readonly userId: string;
  readonly tenantId: string | null;
  readonly operation: string;
  readonly parametersHash: string;
  readonly displayHash: string;
  /** Keeps the hash of few and short names from being guessed. */
  readonly displaySalt: string;
  readonly display: Display;
  readonly methods: readonly StepUpMethod[];
  readonly expiresAt: Date;
  readonly method: StepUpMethod | null;
  readonly authenticatorId: string | null;
  readonly verifiedAt: Date | null;
  readonly grantExpiresAt: Date | null;
  readonly consumedAt: Date | null;
  /** The stored answer of the act, exact bytes as text; null until consumed. */
  readonly response: string | null;
}

export interface Notice {
  readonly to: string;
  readonly subject: string;
  readonly text: string;
}

/**
 * One open transaction at read committed. Everything done through it commits together or not at all;
 * `now` is the database's, read once. All row locks are held to its end.
 */
export interface Unit {
  readonly now: Date;
  /** Appends an audit entry in this transaction. Throws when it cannot: then nothing happened. */
  record(input: EventInput): Promise<{ readonly id: string; readonly leafHash: Uint8Array }>;
  /** At least 128 random bits as text. */
  newSalt(): string;
  /** Queues a mail in this transaction; it is sent only if the transaction commits. */
  notify(notice: Notice): Promise<void>;
  readonly people: PeopleStore;
  readonly authenticators: AuthenticatorStore;
  readonly budgets: BudgetStore;
  readonly sessions: SessionStore;
  readonly pendingSignIns: PendingSignInStore;
  readonly recoveryCodes: RecoveryCodeStore;
  readonly stepUps: StepUpStore;
}

export interface Transactions<Tx> {
  /** Runs `work` in one transaction; a throw rolls it back and is rethrown. */
  transaction<T>(work: (unit: Unit & { readonly tx: Tx }) => Promise<T>): Promise<T>;
}

export interface PeopleStore {
  find(userId: string): Promise<Person | null>;
  findByEmail(email: string): Promise<Person | null>;
  /** The tenant a person signs in to: the one they joined first, or null. */
  firstTenant(userId: string): Promise<string | null>;
  /** The scrypt string Better Auth keeps for the person's password; null when there is none. */
  passwordHash(userId: string): Promise<string | null>;
}

export interface AuthenticatorStore {
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
  /** Makes Better Auth's "enabled" flag say whether a verified secret exists. */
  repairFlag(userId: string): Promise<void>;
}

export interface BudgetStore {
  /** Reads a lane and locks it, creating it when absent, so that raced attempts queue. */
  lock(subject: string, lane: Lane): Promise<AttemptCount>;
  fail(subject: string, lane: Lane, now: Date): Promise<number>;
  reset(subject: string, lane: Lane): Promise<void>;
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
  raise(sid: string, aal: number, method: AuthenticationMethod): Promise<void>;
  /** Ends sessions of the person, all but `exceptSid`; returns the ended sids. */
  endAll(userId: string, exceptSid: string | null, reason: string, now: Date): Promise<string[]>;
  end(sid: string, userId: string, reason: string, now: Date): Promise<boolean>;
}

export interface PendingSignInStore {
  open(options: {
    readonly tokenHash: Uint8Array;
    readonly userId: string;
    readonly methods: readonly AuthenticationMethod[];
    readonly now: Date;
    readonly expiresAt: Date;
  }): Promise<string>;
  /** Locks an unfinished, unexpired sign-in. */
  lock(tokenHash: Uint8Array, now: Date): Promise<PendingSignIn | null>;
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

export interface StepUpStore {
  open(row: {
    readonly sid: string;
    readonly userId: string;
    readonly tenantId: string | null;
    readonly operation: string;
    readonly parametersHash: string;
    readonly displayHash: string;
    readonly displaySalt: string;
    readonly display: Display;
    readonly methods: readonly StepUpMethod[];
    readonly now: Date;
    readonly expiresAt: Date;
  }): Promise<string>;
  /** Locks one step-up of this sid. */
  lock(id: string, sid: string): Promise<StepUpRow | null>;
  verify(options: {
    readonly id: string;
    readonly method: StepUpMethod;
    readonly authenticatorId: string;
    readonly grantHash: Uint8Array;
    readonly now: Date;
    readonly grantExpiresAt: Date;
  }): Promise<boolean>;
  findByGrant(grantHash: Uint8Array): Promise<StepUpRow | null>;
  /** Compare-and-set: the row once, while the grant lives and its authenticator is still bound. */
  consume(id: string, now: Date): Promise<boolean>;
  /** Keeps the exact answer for a retry after a lost response, and forgets the names it was shown. */
  keepResponse(id: string, response: string): Promise<void>;
}

/** Opens stored secrets and gives the second opinion on a code: Better Auth's, behind a port. */
export interface TotpVerifier {
  /** @throws when the ciphertext cannot be opened: the code is then refused as unavailable. */
  open(storedSecret: string): Promise<OpenedSecret>;
}

export interface OpenedSecret {
  readonly key: Uint8Array;
  verify(code: string): Promise<boolean>;
}

/** Randomness, as an argument. */
export interface Randomness {
  bytes(length: number): Uint8Array;
}
