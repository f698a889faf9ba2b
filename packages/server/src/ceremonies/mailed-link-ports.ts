/** What a link to another password is bound to. */
export interface PasswordReset {
  readonly userId: string;
  /** The address it was sent to. */
  readonly email: string;
  /** SHA-256 of the password hash that was stored then. */
  readonly passwordDigest: Uint8Array;
  readonly expiresAt: Date;
}

export interface PasswordResetStore {
  /** Keeps what was asked until it is looked up: the same work for every address. */
  ask(sealed: string): Promise<void>;
  /** Takes the oldest thing asked, which no other transaction takes meanwhile; null when there is none. */
  takeAsked(): Promise<string | null>;
  /** Keeps a link's hash; it replaces the person's link before. */
  keep(reset: PasswordReset & { readonly tokenHash: Uint8Array }): Promise<void>;
  /** Locks nothing, and finds what has run out too. */
  find(tokenHash: Uint8Array): Promise<PasswordReset | null>;
  /** Deletes the row and returns it: of raced callers one gets it, the others null. */
  take(tokenHash: Uint8Array): Promise<PasswordReset | null>;
  /** Ends the person's link. */
  end(userId: string): Promise<void>;
}

/** An open invitation. */
export interface Invitation {
  readonly id: string;
  readonly tenantId: string;
  readonly tenantName: string;
  readonly email: string;
  readonly role: 'administrator' | 'person';
}

export interface InvitationStore {
  /** Keeps an invitation; it replaces the one before to this address in this tenant. Its id. */
  keep(
    invitation: Omit<Invitation, 'id' | 'tenantName'> & {
      readonly tokenHash: Uint8Array;
      readonly invitedBy: string;
      readonly now: Date;
      readonly expiresAt: Date;
    },
  ): Promise<string>;
  /**
   * One that lives: not run out, its tenant too, and whoever sent it an administrator there still, not frozen.
   * `lock` keeps it for this transaction; of raced callers the later finds it gone.
   */
  find(tokenHash: Uint8Array, now: Date, lock: 'to read' | 'to accept'): Promise<Invitation | null>;
  /** Ends one. */
  end(id: string): Promise<void>;
  /** Ends those that somebody sent, in whichever tenant. */
  endSentBy(userId: string): Promise<void>;
  /** Takes one of a tenant's back, once; the address it went to, or null. */
  revoke(id: string, tenantId: string): Promise<string | null>;
}
