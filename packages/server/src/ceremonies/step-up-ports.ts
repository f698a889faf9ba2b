import type {
  ActAssertion,
  Confirmation,
  Display,
  StepUpMethod,
  TenantPolicy,
} from '../contract/index.ts';
import type { Entry } from '../events/entry.ts';
import type { Acr, Bound } from '../policy/operation-requirement.ts';
import type { AuthenticationSession, LockedTotp } from './ports.ts';

/** One step-up from challenge to consumed act. It moves forward and never back. */
export interface StepUpRow {
  readonly id: string;
  readonly sid: string;
  readonly userId: string;
  readonly tenantId: string;
  readonly operation: string;
  readonly parametersHash: string;
  readonly displayHash: string;
  /** Keeps the hashes of few and short names from being guessed. */
  readonly salt: string;
  readonly display: Display;
  readonly methods: readonly StepUpMethod[];
  readonly acr: Acr;
  readonly baseline: 'email' | null;
  /** 0 for a confirmation of this one act. */
  readonly windowSeconds: number;
  readonly expiresAt: Date;
  /** What `begin` left for `verify`; each begin replaces it. */
  readonly begun: BegunMethod | null;
  readonly emailSends: number;
  readonly method: StepUpMethod | null;
  readonly confirmation: Confirmation | null;
  readonly authenticatorId: string | null;
  readonly assertion: ActAssertion | null;
  readonly verifiedAt: Date | null;
  readonly grantExpiresAt: Date | null;
  readonly consumedAt: Date | null;
  /** The stored answer of the act, sealed under its grant; null until consumed. */
  readonly sealedAnswer: Uint8Array | null;
}

/** A method under way. What is bearer-like in it is hashed, or useless without the other side. */
export type BegunMethod =
  | { readonly method: 'passkey'; readonly nonce: string }
  | {
      readonly method: 'idp';
      readonly stateHash: string;
      readonly nonce: string;
      readonly codeVerifier: string;
      readonly startedAt: string;
      /** Of what the tenant had recorded of its provider. */
      readonly providerVersion: number;
    }
  | { readonly method: 'email'; readonly codeHash: string; readonly sentAt: string };

export interface NewStepUp
  extends Pick<
    StepUpRow,
    | 'sid'
    | 'userId'
    | 'tenantId'
    | 'operation'
    | 'parametersHash'
    | 'displayHash'
    | 'salt'
    | 'display'
    | 'methods'
    | 'acr'
    | 'baseline'
    | 'windowSeconds'
    | 'expiresAt'
    | 'id'
  > {
  readonly now: Date;
}

/** What stands when a session asks to act: locked session and membership, and what can confirm it. */
export interface ActorStanding {
  readonly session: AuthenticationSession;
  readonly role: string;
  readonly totp: Bound | null;
  readonly passkey: Bound | null;
  readonly identity: Bound | null;
  /** Whether the person belongs to another tenant as well. */
  readonly isElsewhere: boolean;
  readonly policy: TenantPolicy;
  readonly addressVerifiedAt: Date | null;
}

/** An accepted confirmation, with all that follows from it. */
export interface AcceptedStepUp {
  readonly id: string;
  readonly session: AuthenticationSession;
  readonly method: StepUpMethod;
  readonly confirmation: Confirmation;
  readonly authenticatorId: string | null;
  readonly assertion: ActAssertion | null;
  /** Null where confirming opens a window instead. */
  readonly grantHash: Uint8Array | null;
  readonly now: Date;
  readonly grantExpiresAt: Date;
  readonly oldToken: string;
  readonly newToken: string;
  /** The time step of the code that was accepted, to be spent with it; null for other methods. */
  readonly spentStep: number | null;
}

export interface StepUpStore {
  /**
   * Locks a living session and its membership, and reads what policy needs beside them, in one
   * statement. Null when either is over.
   */
  lockActor(options: {
    readonly sid: string;
    readonly tenantId: string;
    /** The installation's, for a tenant that recorded none of its own. */
    readonly issuer: string | null;
    /** The cookie's token, which must still be the session's. */
    readonly token: string;
  }): Promise<ActorStanding | null>;
  /**
   * Opens a step-up, counts it as one of its session's challenges of this minute, and appends the
   * entry that says so.
   *
   * @throws {TooManyChallengesError} when there are `atMost` already; the transaction is undone.
   */
  open(row: NewStepUp, entry: Entry, limit: { readonly atMost: number }): Promise<void>;
  /** Locks one step-up of this sid. */
  lock(id: string, sid: string): Promise<StepUpRow | null>;
  /**
   * As {@link lock}, and the session against ending; null when that is over. Counts one attempt of the
   * source, and says how many it made this minute.
   */
  lockForAttempt(
    id: string,
    options: { readonly sid: string; readonly address: string },
  ): Promise<LockedStepUp | null>;
  /** Replaces what is under way; compare-and-set: false when it was verified or has expired. */
  begin(options: {
    readonly id: string;
    readonly begun: BegunMethod;
    readonly now: Date;
    readonly expiresAt: Date;
  }): Promise<boolean>;
  /** Takes what is under way, at most once, so that no nonce or state is answered twice. */
  takeBegun(id: string): Promise<void>;
  /**
   * Marks a locked step-up as verified, replaces the session's token by compare-and-set, opens its
   * window where there is one, moves the authenticator's last step by compare-and-set, and appends
   * the entries.
   *
   * @throws {SessionGoneError} when the token was not the old one any more, or the step was
   * taken all the same; the transaction is undone.
   */
  accept(accepted: AcceptedStepUp, entries: readonly [Entry, ...Entry[]]): Promise<void>;
  /**
   * Locks the row of a grant with its living session and membership, in one statement. Null when
   * any of the three is not there.
   */
  lockGrant(
    grantHash: Uint8Array,
    session: { readonly sid: string; readonly token: string },
  ): Promise<LockedGrant | null>;
  /** Reads the row of a grant without a lock. */
  findByGrant(grantHash: Uint8Array): Promise<StepUpRow | null>;
  /**
   * Compare-and-set, once: the grant is spent, the exact answer kept for a retry after a lost
   * response, the names that were shown forgotten, and the act's entry appended.
   *
   * @throws {TypeError} when the locked grant was spent all the same; the transaction is undone.
   */
  consume(
    options: { readonly id: string; readonly sealedAnswer: Uint8Array; readonly now: Date },
    entry: Entry,
  ): Promise<void>;
  /** Appends the entry of an act that rests on no grant. */
  append(entry: Entry): Promise<void>;
}

export interface LockedStepUp {
  readonly row: StepUpRow | null;
  readonly attemptsOfSource: number;
}

export interface LockedGrant {
  readonly row: StepUpRow;
  readonly role: string;
  readonly isAuthenticatorBound: boolean;
}

/** What a ceremony's transaction can begin with. */
export interface FirstLocks extends Pick<StepUpStore, 'lockActor' | 'lockGrant'> {
  /**
   * {@link StepUpStore.lockForAttempt}, and beside it {@link AuthenticatorStore.findTotpForAttempt} where
   * `totpOf` names a person, in the lane that `devices` open.
   */
  lockForAttempt(
    id: string,
    options: {
      readonly sid: string;
      readonly address: string;
      readonly totpOf: string | null;
      readonly devices: readonly Uint8Array[];
    },
  ): Promise<{ readonly stepUp: LockedStepUp | null; readonly totp: LockedTotp | null }>;
}

/** A session opened as many challenges as it may: everything in the transaction is undone. */
export class TooManyChallengesError extends Error {
  override readonly name = 'TooManyChallengesError';
  readonly code = 'too_many_attempts';
}

/** The session ended or rotated under the ceremony: everything in the transaction is undone. */
export class SessionGoneError extends Error {
  override readonly name = 'SessionGoneError';
  readonly code = 'session_required';
}
