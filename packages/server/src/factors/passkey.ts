import {
  generateAuthenticationOptions,
  generateRegistrationOptions,
  type VerifiedAuthenticationResponse,
  type VerifiedRegistrationResponse,
  verifyAuthenticationResponse,
  verifyRegistrationResponse,
} from '@simplewebauthn/server';
import { cose, decodeCredentialPublicKey } from '@simplewebauthn/server/helpers';
import type { AssertionResponse, RegistrationResponse } from '../contract/index.ts';

/** Whom an assertion must name: the page's origin and its registrable name. */
export interface RelyingParty {
  readonly name: string;
  readonly id: string;
  readonly origin: string;
}

/** A credential as it was registered. */
export interface RegisteredPasskey {
  readonly credentialId: string;
  readonly publicKey: Uint8Array;
  readonly publicJwk: Readonly<Record<string, string>>;
  readonly signCount: number;
  readonly isBackupEligible: boolean;
  readonly isBackedUp: boolean;
}

export type PasskeyFault =
  | 'malformed'
  | 'wrong'
  | 'user_not_verified'
  | 'backup_eligibility_changed'
  | 'sign_count';

export type AssertionResult =
  | { readonly kind: 'accepted'; readonly signCount: number; readonly isBackedUp: boolean }
  | { readonly kind: 'rejected'; readonly reason: PasskeyFault };

const TIMEOUT_MS = 300_000;

/** The relying party behind an origin such as `https://portal.example`. */
export function relyingParty(name: string, origin: string): RelyingParty {
  return { name, origin, id: new URL(origin).hostname };
}

/**
 * WebAuthn creation options in JSON form, for a discoverable credential. User verification is required,
 * attestation is not asked for. What finds the credential says nothing of its person: `userHandle` is
 * random.
 */
export function passkeyCreationOptions(options: {
  readonly relyingParty: RelyingParty;
  readonly challenge: Uint8Array;
  readonly person: { readonly name: string; readonly email: string };
  readonly userHandle: Uint8Array;
  readonly known: readonly {
    readonly credentialId: string;
    readonly transports: readonly string[];
  }[];
}) {
  const { relyingParty, person } = options;
  return generateRegistrationOptions({
    rpName: relyingParty.name,
    rpID: relyingParty.id,
    userName: person.email,
    userID: new Uint8Array(options.userHandle),
    userDisplayName: person.name,
    challenge: new Uint8Array(options.challenge),
    timeout: TIMEOUT_MS,
    attestationType: 'none',
    excludeCredentials: allowed(options.known),
    authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
    supportedAlgorithmIDs: ALGORITHMS,
  });
}

/**
 * WebAuthn request options in JSON form for one challenge and the person's own credentials; for none of
 * them where nobody is known yet, so that the authenticator finds what it holds.
 */
export function passkeyRequestOptions(options: {
  readonly relyingParty: RelyingParty;
  readonly challenge: Uint8Array;
  readonly known: readonly {
    readonly credentialId: string;
    readonly transports: readonly string[];
  }[];
}) {
  return generateAuthenticationOptions({
    rpID: options.relyingParty.id,
    challenge: new Uint8Array(options.challenge),
    timeout: TIMEOUT_MS,
    userVerification: 'required',
    allowCredentials: allowed(options.known),
  });
}

/** Checks a registration; null when anything at all is not as it must be. */
export async function verifyRegistration(options: {
  readonly relyingParty: RelyingParty;
  readonly expectedChallenge: string;
  readonly response: RegistrationResponse;
}): Promise<RegisteredPasskey | null> {
  const { relyingParty, expectedChallenge, response } = options;
  if (isEmbedded(response.response.clientDataJSON)) return null;
  const verified = await quietly<VerifiedRegistrationResponse>(() =>
    verifyRegistrationResponse({
      response: response as never,
      expectedChallenge,
      expectedOrigin: relyingParty.origin,
      expectedRPID: relyingParty.id,
      requireUserVerification: true,
      supportedAlgorithmIDs: ALGORITHMS,
    }),
  );
  if (verified?.verified !== true) return null;
  const { credential, credentialDeviceType, credentialBackedUp } = verified.registrationInfo;
  const publicJwk = jwkOf(credential.publicKey);
  if (publicJwk === null) return null;
  return {
    credentialId: credential.id,
    publicKey: credential.publicKey,
    publicJwk,
    signCount: credential.counter,
    isBackupEligible: credentialDeviceType === 'multiDevice',
    isBackedUp: credentialBackedUp,
  };
}

/**
 * Checks an assertion against one registered credential: type, challenge, origin, relying party, user
 * present and verified, backup flags, signature, and a count that does not go backwards.
 *
 * @see https://www.w3.org/TR/webauthn-3/#sctn-verifying-assertion
 */
export async function verifyAssertion(options: {
  readonly relyingParty: RelyingParty;
  readonly expectedChallenge: string;
  readonly expectedUserHandle: Uint8Array;
  /** Whether nobody was known before: then the answer itself must name its person. */
  readonly isUserHandleRequired: boolean;
  readonly response: AssertionResponse;
  readonly passkey: RegisteredPasskey;
}): Promise<AssertionResult> {
  const { relyingParty, expectedChallenge, response, passkey } = options;
  if (!isTheirs(options) || isEmbedded(response.response.clientDataJSON)) return rejected('wrong');
  const verified = await quietly<VerifiedAuthenticationResponse>(() =>
    verifyAuthenticationResponse({
      response: response as never,
      expectedChallenge,
      expectedOrigin: relyingParty.origin,
      expectedRPID: relyingParty.id,
      // Judged here, like the count, so that each has a reason of its own.
      requireUserVerification: false,
      credential: {
        id: passkey.credentialId,
        publicKey: new Uint8Array(passkey.publicKey),
        counter: 0,
      },
    }),
  );
  if (verified?.verified !== true) return rejected('wrong');
  const { newCounter, credentialDeviceType, credentialBackedUp, userVerified } =
    verified.authenticationInfo;
  if (!userVerified) return rejected('user_not_verified');
  if ((credentialDeviceType === 'multiDevice') !== passkey.isBackupEligible) {
    return rejected('backup_eligibility_changed');
  }
  const isCounting = newCounter > 0 || passkey.signCount > 0;
  if (isCounting && newCounter <= passkey.signCount) return rejected('sign_count');
  return { kind: 'accepted', signCount: newCounter, isBackedUp: credentialBackedUp };
}

/** The challenge an answer names, by which it is found; the verifier judges it. Null when it names none. */
export function challengeNamed({ response }: AssertionResponse): string | null {
  const challenge = parseClientData(response.clientDataJSON)?.['challenge'];
  return typeof challenge === 'string' && challenge !== '' ? challenge : null;
}

const { ES256, EdDSA, RS256 } = cose.COSEALG;
const ALGORITHMS = [ES256, EdDSA, RS256];

function rejected(reason: PasskeyFault): AssertionResult {
  return { kind: 'rejected', reason };
}

/** The verifier throws for whatever does not hold, and its words repeat what was sent. */
async function quietly<T>(verify: () => Promise<T>): Promise<T | null> {
  try {
    return await verify();
  } catch {
    return null;
  }
}

function allowed(
  known: readonly { readonly credentialId: string; readonly transports: readonly string[] }[],
) {
  return known.map(({ credentialId, transports }) => ({
    id: credentialId,
    transports: [...transports],
  }));
}

/** A frame of somebody else's page must not confirm anything. */
function isEmbedded(clientDataJSON: string): boolean {
  const data = parseClientData(clientDataJSON);
  return data === null || data['crossOrigin'] === true || data['topOrigin'] !== undefined;
}

function parseClientData(clientDataJSON: string): Record<string, unknown> | null {
  try {
    const data: unknown = JSON.parse(Buffer.from(clientDataJSON, 'base64url').toString('utf8'));
    return typeof data === 'object' && data !== null ? (data as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}

/** An answer to options that named its credentials may leave the person out, as a security key does. */
function isTheirs(options: {
  readonly expectedUserHandle: Uint8Array;
  readonly isUserHandleRequired: boolean;
  readonly response: AssertionResponse;
}): boolean {
  const { userHandle } = options.response.response;
  if (userHandle == null) return !options.isUserHandleRequired;
  return Buffer.from(userHandle, 'base64url').equals(options.expectedUserHandle);
}

/** The key in the form a stranger's verifier reads. Null for a kind we do not use. */
function jwkOf(publicKey: Uint8Array): Readonly<Record<string, string>> | null {
  const key = decodeCredentialPublicKey(new Uint8Array(publicKey));
  const { COSEKEYS } = cose;
  const field = (name: number): string =>
    Buffer.from((key as unknown as Map<number, Uint8Array>).get(name) ?? []).toString('base64url');
  if (cose.isCOSEPublicKeyEC2(key)) {
    return { kty: 'EC', crv: 'P-256', x: field(COSEKEYS.x), y: field(COSEKEYS.y) };
  }
  if (cose.isCOSEPublicKeyOKP(key)) return { kty: 'OKP', crv: 'Ed25519', x: field(COSEKEYS.x) };
  if (cose.isCOSEPublicKeyRSA(key))
    return { kty: 'RSA', n: field(COSEKEYS.n), e: field(COSEKEYS.e) };
  return null;
}
