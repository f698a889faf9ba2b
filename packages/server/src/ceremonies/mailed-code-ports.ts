/** Codes mailed to the verified address of a session's person; the newest counts, whatever it is for. */
export interface AddressProofStore {
  /** When the session's present code was mailed; null when none was. */
  sentAt(sid: string): Promise<Date | null>;
  /** Keeps a code's hash; it replaces the session's code before. */
  keep(code: {
    readonly sid: string;
    readonly userId: string;
    readonly codeHash: Uint8Array;
    readonly now: Date;
    readonly expiresAt: Date;
  }): Promise<void>;
  /** The hash of the session's code while it lives, locked. */
  codeHash(sid: string, now: Date): Promise<Uint8Array | null>;
  /** Takes the code, and remembers in the session that its address was proved. */
  take(sid: string, now: Date): Promise<void>;
  /** Forgets the person's codes, and what was proved with them: their address is another one. */
  forget(userId: string): Promise<void>;
}
