import { createHash } from 'node:crypto';
import { parseBase32 } from '../totp/base32.ts';

export type SecretKind =
  | 'password'
  | 'authenticator key'
  | 'recovery code'
  | 'code'
  | 'session token'
  | 'pending token'
  | 'grant'
  | 'API key'
  | 'user handle'
  | 'provider answer'
  | 'mailed link'
  | 'installation secret'
  | 'database password';

export interface Secret {
  readonly kind: SecretKind;
  readonly value: string;
}

/** A secret with what redacting needs, prepared once: every text is looked through for every secret. */
interface KnownSecret extends Secret {
  readonly spellings: readonly string[];
  readonly commitment: string;
}

/** Every secret a run has met, and what stands in its place in the package. */
export interface Vault {
  readonly secrets: readonly Secret[];
  add(kind: SecretKind, value: string): void;
  /**
   * `sha256-salted:` and the hex SHA-256 of salt and value. Equal values have equal commitments
   * within a run; the salt is never written, so that not even a six-digit code can be guessed back.
   */
  commit(value: string): string;
  /** Replaces every known secret inside a text by its commitment. */
  redact(text: string): string;
}

/** `salt` must be 32 random bytes of this run alone. */
export function createVault(salt: Uint8Array): Vault {
  const secrets: KnownSecret[] = [];
  const commit = (value: string): string =>
    `sha256-salted:${createHash('sha256').update(salt).update(value, 'utf8').digest('hex')}`;
  return {
    secrets,
    commit,
    add: (kind, value) => {
      if (value === '' || secrets.some((it) => it.value === value)) return;
      secrets.push({ kind, value, spellings: spellingsOf(value), commitment: commit(value) });
      // Longest first: a signed cookie holds its token, and a key in a URI is part of that URI.
      secrets.sort((one, other) => other.value.length - one.value.length);
    },
    redact: (text) => secrets.reduce(redactOne, text),
  };
}

/** The bytes a secret stands for besides its own text: a key is written in base 32 but used raw. */
export function alternativesOf({ kind, value }: Secret): readonly Uint8Array[] {
  const raw = kind === 'authenticator key' ? parseBase32(value) : null;
  const text = new TextEncoder().encode(value);
  return raw === null ? [text] : [text, raw];
}

/** The ways in which a secret is spelled in what is kept. */
function spellingsOf(value: string): readonly string[] {
  const grouped = value.match(/.{1,4}/gsu)?.join(' ') ?? value;
  const spelled = [value, encodeURIComponent(value), value.replaceAll('-', ''), grouped];
  return [...new Set(spelled)];
}

function redactOne(text: string, { kind, value, spellings, commitment }: KnownSecret): string {
  if (kind === 'code') return text.replace(codePattern(value, 'g'), commitment);
  if (kind === 'user handle') return text.replace(handlePattern(value, 'g'), commitment);
  return spellings.reduce(
    (rest, it) => (rest.length < it.length ? rest : rest.replaceAll(it, commitment)),
    text,
  );
}

/** Six digits by themselves: not inside a longer run of digits or letters, a colour or a fraction. */
export function codePattern(code: string, flags = ''): RegExp {
  const [first, second] = [code.slice(0, 3), code.slice(3)];
  return new RegExp(`(?<![0-9A-Za-z#])(?<!\\d[.,])${first}[ -]?${second}(?![0-9A-Za-z])`, flags);
}

/**
 * A passkey's user handle by itself. It is the base64url form of an id that is no secret, and whatever
 * holds that id in base 64 holds the handle's letters.
 */
export function handlePattern(handle: string, flags = ''): RegExp {
  return new RegExp(`(?<![A-Za-z0-9+/_-])${handle}(?![A-Za-z0-9+/_-])`, flags);
}
