import { createPublicKey, type JsonWebKey, verify } from 'node:crypto';
import { canonicalBytes } from './canonical-json.ts';
import { sha256 } from './leaf-hash.ts';

/** What one act was, as its receipt has it; hashes are lower-case hex SHA-256. */
export interface ConfirmedAct {
  readonly operation: string;
  readonly parametersHash: string;
  readonly displayHash: string;
}

/** A passkey's signature over one act. Binary values are unpadded base64url. */
export interface ActAssertion {
  /** Random, new for each confirmation. */
  readonly nonce: string;
  readonly origin: string;
  readonly rpId: string;
  /** The credential's public key as a JWK: EC P-256, RSA or Ed25519. */
  readonly publicKey: Readonly<Record<string, string>>;
  readonly clientDataJSON: string;
  readonly authenticatorData: string;
  readonly signature: string;
}

export type AssertionFault =
  | 'malformed'
  | 'wrong_type'
  | 'wrong_challenge'
  | 'wrong_origin'
  | 'cross_origin'
  | 'wrong_rp_id'
  | 'user_not_present'
  | 'user_not_verified'
  | 'backup_state_impossible'
  | 'bad_signature';

const USER_PRESENT = 0x01;
const USER_VERIFIED = 0x04;
const BACKUP_ELIGIBLE = 0x08;
const BACKED_UP = 0x10;
/** rpIdHash (32), flags (1), signCount (4). */
const SHORTEST_AUTHENTICATOR_DATA = 37;

/**
 * The WebAuthn challenge of one act: SHA-256 (32 bytes) of the RFC 8785 form of operation, both hashes
 * and nonce. An assertion over it confirms this act and no other.
 */
export function actChallenge(act: ConfirmedAct, nonce: string): Uint8Array {
  const { operation, parametersHash, displayHash } = act;
  return sha256(canonicalBytes({ displayHash, nonce, operation, parametersHash }));
}

/**
 * Judges a passkey's confirmation of one act, offline, from what the receipt holds. Null when it
 * holds. That the key is the person's is told by its thumbprint in the entry of its binding.
 *
 * @see https://www.w3.org/TR/webauthn-3/#sctn-verifying-assertion
 */
export function judgeActAssertion(
  act: ConfirmedAct,
  assertion: ActAssertion,
): AssertionFault | null {
  const clientDataBytes = Buffer.from(assertion.clientDataJSON, 'base64url');
  const authenticatorData = Buffer.from(assertion.authenticatorData, 'base64url');
  const clientData = parseClientData(clientDataBytes);
  if (clientData === null || authenticatorData.length < SHORTEST_AUTHENTICATOR_DATA) {
    return 'malformed';
  }
  const fault =
    clientDataFault(clientData, act, assertion) ??
    authenticatorDataFault(authenticatorData, assertion.rpId);
  if (fault !== null) return fault;
  const signed = Buffer.concat([authenticatorData, sha256(clientDataBytes)]);
  return isSignedBy(assertion.publicKey, signed, Buffer.from(assertion.signature, 'base64url'))
    ? null
    : 'bad_signature';
}

/**
 * The RFC 7638 thumbprint of a public key, SHA-256 as unpadded base64url.
 *
 * @throws {TypeError} when it is no EC, RSA or OKP key.
 */
export function keyThumbprint(publicKey: Readonly<Record<string, string>>): string {
  const members = MEMBERS[publicKey['kty'] ?? ''];
  if (members === undefined) throw new TypeError('not a public key of a known kind');
  const required = Object.fromEntries(members.map((name) => [name, publicKey[name] ?? '']));
  return Buffer.from(sha256(canonicalBytes(required))).toString('base64url');
}

const MEMBERS: Readonly<Record<string, readonly string[]>> = {
  EC: ['crv', 'kty', 'x', 'y'],
  OKP: ['crv', 'kty', 'x'],
  RSA: ['e', 'kty', 'n'],
};

function parseClientData(bytes: Buffer): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(bytes.toString('utf8'));
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}

function clientDataFault(
  clientData: Readonly<Record<string, unknown>>,
  act: ConfirmedAct,
  { nonce, origin }: ActAssertion,
): AssertionFault | null {
  const challenge = Buffer.from(actChallenge(act, nonce)).toString('base64url');
  if (clientData['type'] !== 'webauthn.get') return 'wrong_type';
  if (clientData['challenge'] !== challenge) return 'wrong_challenge';
  if (clientData['origin'] !== origin) return 'wrong_origin';
  const isEmbedded = clientData['crossOrigin'] === true || clientData['topOrigin'] !== undefined;
  return isEmbedded ? 'cross_origin' : null;
}

function authenticatorDataFault(data: Buffer, rpId: string): AssertionFault | null {
  const flags = data[32] ?? 0;
  if (!data.subarray(0, 32).equals(sha256(rpId))) return 'wrong_rp_id';
  if ((flags & USER_PRESENT) === 0) return 'user_not_present';
  if ((flags & USER_VERIFIED) === 0) return 'user_not_verified';
  const isImpossible = (flags & BACKUP_ELIGIBLE) === 0 && (flags & BACKED_UP) !== 0;
  return isImpossible ? 'backup_state_impossible' : null;
}

function isSignedBy(
  publicKey: Readonly<Record<string, string>>,
  signed: Uint8Array,
  signature: Uint8Array,
): boolean {
  try {
    const key = createPublicKey({ key: publicKey as JsonWebKey, format: 'jwk' });
    if (key.asymmetricKeyType === 'ed25519') return verify(null, signed, key, signature);
    const isKnown = key.asymmetricKeyType === 'rsa' || publicKey['crv'] === 'P-256';
    return isKnown && verify('sha256', signed, key, signature);
  } catch {
    return false;
  }
}
