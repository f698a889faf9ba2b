/** A registered passkey. `publicKey` is the COSE key as the authenticator gave it. */
export interface Passkey {
  readonly id: string;
  readonly userId: string;
  readonly name: string;
  /** What the authenticator names the person by: random, the same for all passkeys of one person. */
  readonly userHandle: Uint8Array;
  readonly credentialId: string;
  readonly publicKey: Uint8Array;
  readonly publicJwk: Readonly<Record<string, string>>;
  readonly transports: readonly string[];
  readonly signCount: number;
  readonly isBackupEligible: boolean;
  readonly isBackedUp: boolean;
}

export interface PasskeyStore {
  /** Remembers a begun enrolment of one session. */
  start(options: {
    readonly sid: string;
    readonly userId: string;
    readonly name: string;
    readonly userHandle: Uint8Array;
    readonly challenge: string;
    readonly expiresAt: Date;
  }): Promise<string>;
  /** Takes a begun enrolment of this session, at most once, while it lives. */
  take(
    id: string,
    sid: string,
    now: Date,
  ): Promise<(Pick<Passkey, 'name' | 'userHandle'> & { readonly challenge: string }) | null>;
  /** Binds; null when the credential is known already, to anyone. */
  bind(passkey: Omit<Passkey, 'id'> & { readonly now: Date }): Promise<string | null>;
  list(userId: string): Promise<readonly Passkey[]>;
  /** Locks one credential of the person. */
  lock(userId: string, credentialId: string): Promise<Passkey | null>;
  /** Locks a credential, whosever it is. */
  lockAnyones(credentialId: string): Promise<Passkey | null>;
  /** Whether the person still has it. Locks nothing. */
  isBound(id: string, userId: string): Promise<boolean>;
  /** Records a use. */
  use(id: string, options: { signCount: number; isBackedUp: boolean; now: Date }): Promise<void>;
  /** Names it; the old name, or null when it is not the person's. */
  rename(id: string, userId: string, name: string): Promise<string | null>;
  /** Keeps the challenge of an unfinished sign-in; each replaces the one before. */
  challengeSignIn(pendingId: string, challenge: string): Promise<void>;
  /** Takes that challenge, at most once. */
  takeSignIn(pendingId: string): Promise<string | null>;
}

/** Challenges for whoever signs in with a passkey first, each of one browser. */
export interface PasskeySignInStore {
  /** Keeps a challenge; of one browser's only so many of the newest. */
  open(options: {
    readonly browserHash: Uint8Array;
    readonly challenge: string;
    readonly expiresAt: Date;
  }): Promise<void>;
  /** Whether a challenge of this browser is still alive. */
  isOpen(browserHash: Uint8Array, now: Date): Promise<boolean>;
  /** Takes a living challenge of this browser: true once. */
  take(browserHash: Uint8Array, challenge: string, now: Date): Promise<boolean>;
}
