/** A browser as it is remembered: the hash of its token, and how its person recognises it. */
export interface RememberedDevice {
  readonly userId: string;
  readonly tokenHash: Uint8Array;
  readonly userAgent: string;
  readonly address: string;
  readonly now: Date;
  readonly expiresAt: Date;
}

/** Browsers a person signed in on in full. Each is of one account, and no factor of it. */
export interface KnownDeviceStore {
  /** Whether one of the tokens is a living device of this person. */
  isKnown(userId: string, hashes: readonly Uint8Array[], now: Date): Promise<boolean>;
  /** Gives the device that holds one of the tokens another; compare-and-set: false when none does. */
  renew(hashes: readonly Uint8Array[], device: RememberedDevice): Promise<boolean>;
  /** Adds one; the person's longest unused go where there are too many. */
  add(device: RememberedDevice): Promise<void>;
  /** Ends one; false when it is not the person's. */
  end(id: string, userId: string): Promise<boolean>;
  /** Ends all of a person's; how many lived. */
  endAll(userId: string, now: Date): Promise<number>;
}

/** Accounts whose person said "this wasn't me", until an administrator has looked. */
export interface FreezeStore {
  isFrozen(userId: string): Promise<boolean>;
  /**
   * Freezes by a link made at `linkMadeAt`, by compare-and-set: `frozen` once, `already` while it is, and
   * `spent` for a link made before the account was last let in again.
   */
  freeze(
    userId: string,
    options: { readonly linkMadeAt: Date; readonly now: Date },
  ): Promise<'frozen' | 'already' | 'spent'>;
  /** Lets the person in again; false when they were not frozen. */
  lift(userId: string, now: Date): Promise<boolean>;
}
