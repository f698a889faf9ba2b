import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { type CborValue, encodeCbor } from './cbor.ts';

/** COSE numbers of the signature algorithms. @see https://www.iana.org/assignments/cose */
export const CREDENTIAL_ALGORITHMS = { ES256: -7, RS256: -257, EdDSA: -8 } as const;

export type CredentialAlgorithm = keyof typeof CREDENTIAL_ALGORITHMS;

export interface CredentialKey {
  readonly algorithm: CredentialAlgorithm;
  /** The public key as a COSE_Key. */
  readonly cose: Buffer;
  /** The public key as SubjectPublicKeyInfo. */
  readonly spki: Buffer;
  /** A signature as WebAuthn carries it: DER for ES256, PKCS #1 v1.5 for RS256. */
  sign(data: Uint8Array): Buffer;
}

export function generateCredentialKey(algorithm: CredentialAlgorithm): CredentialKey {
  const { publicKey, privateKey } = generatePair(algorithm);
  const digest = algorithm === 'EdDSA' ? null : 'sha256';
  return {
    algorithm,
    cose: encodeCbor(coseParameters(algorithm, publicKey)),
    spki: publicKey.export({ format: 'der', type: 'spki' }),
    sign: (data) => sign(digest, data, privateKey),
  };
}

function generatePair(algorithm: CredentialAlgorithm): {
  publicKey: KeyObject;
  privateKey: KeyObject;
} {
  switch (algorithm) {
    case 'ES256':
      return generateKeyPairSync('ec', { namedCurve: 'P-256' });
    case 'RS256':
      return generateKeyPairSync('rsa', { modulusLength: 2048 });
    case 'EdDSA':
      return generateKeyPairSync('ed25519');
  }
}

/** @see https://www.rfc-editor.org/rfc/rfc9053#section-7 and https://www.rfc-editor.org/rfc/rfc8230#section-4 */
function coseParameters(
  algorithm: CredentialAlgorithm,
  publicKey: KeyObject,
): ReadonlyMap<number, CborValue> {
  const { x = '', y = '', n = '', e = '' } = publicKey.export({ format: 'jwk' });
  const bytes = (text: string) => Buffer.from(text, 'base64url');
  const KEY_TYPE = 1;
  const ALGORITHM = 3;
  const common = CREDENTIAL_ALGORITHMS[algorithm];
  switch (algorithm) {
    case 'ES256':
      return new Map<number, CborValue>([
        [KEY_TYPE, 2],
        [ALGORITHM, common],
        [-1, 1],
        [-2, bytes(x)],
        [-3, bytes(y)],
      ]);
    case 'RS256':
      return new Map<number, CborValue>([
        [KEY_TYPE, 3],
        [ALGORITHM, common],
        [-1, bytes(n)],
        [-2, bytes(e)],
      ]);
    case 'EdDSA':
      return new Map<number, CborValue>([
        [KEY_TYPE, 1],
        [ALGORITHM, common],
        [-1, 6],
        [-2, bytes(x)],
      ]);
  }
}
