import {
  type AuthenticationResponseJSON,
  generateAuthenticationOptions,
  generateRegistrationOptions,
  type VerifiedAuthenticationResponse,
  type VerifiedRegistrationResponse,
  verifyAuthenticationResponse,
  verifyRegistrationResponse,
  type WebAuthnCredential,
} from '@simplewebauthn/server';
import { describe, expect, test } from 'vitest';
import {
  CREDENTIAL_ALGORITHMS,
  type CredentialAlgorithm,
} from '../../packages/cli/src/forgery/credential-key.ts';
import {
  type CreateOptions,
  type GetOptions,
  SoftwareAuthenticator,
} from './software-authenticator.ts';

const RP_ID = 'localhost';
const ORIGIN = 'http://localhost:3000';
const ALGORITHMS = Object.keys(CREDENTIAL_ALGORITHMS) as CredentialAlgorithm[];

/** A registration, judged by SimpleWebAuthn. */
async function register(
  authenticator: SoftwareAuthenticator,
  lie: Partial<CreateOptions> = {},
  offer: { readonly excluded?: string; readonly algorithms?: number[] } = {},
): Promise<VerifiedRegistrationResponse> {
  const options = await generateRegistrationOptions({
    rpName: 'Countersign',
    rpID: RP_ID,
    userName: 'person@clinic.example',
    userID: new Uint8Array(Buffer.from('person-1')),
    supportedAlgorithmIDs: offer.algorithms ?? Object.values(CREDENTIAL_ALGORITHMS),
    excludeCredentials: offer.excluded === undefined ? [] : [{ id: offer.excluded }],
  });
  return verifyRegistrationResponse({
    response: authenticator.create(options, { origin: ORIGIN, ...lie }),
    expectedChallenge: options.challenge,
    expectedOrigin: ORIGIN,
    expectedRPID: RP_ID,
    supportedAlgorithmIDs: offer.algorithms ?? Object.values(CREDENTIAL_ALGORITHMS),
  });
}

async function registered(authenticator: SoftwareAuthenticator): Promise<WebAuthnCredential> {
  const { registrationInfo } = await register(authenticator);
  if (registrationInfo === undefined) throw new Error('the registration was refused');
  return registrationInfo.credential;
}

interface SignIn {
  readonly response: AuthenticationResponseJSON;
  readonly verified: VerifiedAuthenticationResponse;
}

async function signIn(
  authenticator: SoftwareAuthenticator,
  credential: WebAuthnCredential,
  lie: Partial<GetOptions> = {},
): Promise<SignIn> {
  const options = await generateAuthenticationOptions({
    rpID: RP_ID,
    allowCredentials: [{ id: credential.id }],
  });
  const response = authenticator.get(options, { origin: ORIGIN, ...lie });
  const verified = await verifyAuthenticationResponse({
    response,
    expectedChallenge: options.challenge,
    expectedOrigin: ORIGIN,
    expectedRPID: RP_ID,
    credential,
  });
  return { response, verified };
}

describe.each(ALGORITHMS)('%s', (algorithm) => {
  test('an honest registration is accepted with all it says', async () => {
    const authenticator = new SoftwareAuthenticator({
      algorithm,
      aaguid: '00112233-4455-6677-8899-aabbccddeeff',
    });
    const { verified, registrationInfo } = await register(authenticator);
    expect(verified).toBe(true);
    expect(registrationInfo).toMatchObject({
      fmt: 'none',
      aaguid: '00112233-4455-6677-8899-aabbccddeeff',
      userVerified: true,
      credentialDeviceType: 'multiDevice',
      credentialBackedUp: true,
      rpID: RP_ID,
      credential: { id: authenticator.credentials[0]?.id, counter: 0 },
    });
  });

  test('an honest sign-in is accepted', async () => {
    const authenticator = new SoftwareAuthenticator({ algorithm });
    const { response, verified } = await signIn(authenticator, await registered(authenticator));
    expect(verified).toMatchObject({
      verified: true,
      authenticationInfo: { newCounter: 0, userVerified: true, credentialBackedUp: true },
    });
    expect(Buffer.from(response.response.userHandle ?? '', 'base64url').toString()).toBe(
      'person-1',
    );
  });

  test('one flipped bit of the signature is refused', async () => {
    const authenticator = new SoftwareAuthenticator({ algorithm });
    const credential = await registered(authenticator);
    const { verified } = await signIn(authenticator, credential, { flipsSignatureBit: true });
    expect(verified.verified).toBe(false);
  });
});

test('a device-bound credential says so and counts its signatures', async () => {
  const authenticator = new SoftwareAuthenticator({ synced: false });
  const credential = await registered(authenticator);
  for (const expected of [1, 2]) {
    const { verified } = await signIn(authenticator, credential);
    expect(verified.authenticationInfo).toMatchObject({
      newCounter: expected,
      credentialDeviceType: 'singleDevice',
      credentialBackedUp: false,
    });
  }
});

const ANOTHER_CHALLENGE = Buffer.from('another challenge').toString('base64url');

test.each<[string, Partial<CreateOptions>, RegExp]>([
  ['type', { type: 'webauthn.get' }, /response type/],
  ['challenge', { challenge: ANOTHER_CHALLENGE }, /response challenge/],
  ['origin', { origin: 'http://localhost.example:3000' }, /response origin/],
  ['relying party', { rpId: 'clinic.example' }, /RP ID/],
  ['user presence', { userPresent: false }, /user was not present/],
  ['user verification', { userVerified: false }, /could not be verified/],
  ['backup without eligibility', { backupEligible: false }, /backed up/],
])('a registration that lies about its %s is refused', async (_, lie, refusal) => {
  await expect(register(new SoftwareAuthenticator(), lie)).rejects.toThrow(refusal);
});

test.each<[string, Partial<GetOptions>, RegExp]>([
  ['type', { type: 'webauthn.create' }, /response type/],
  ['challenge', { challenge: ANOTHER_CHALLENGE }, /response challenge/],
  ['origin', { origin: 'http://localhost.example:3000' }, /response origin/],
  ['frame', { crossOrigin: true, topOrigin: 'https://evil.example' }, /cross-origin/],
  ['relying party', { rpId: 'clinic.example' }, /RP ID/],
  ['user presence', { userPresent: false }, /not present/],
  ['user verification', { userVerified: false }, /could not be verified/],
  ['backup without eligibility', { backupEligible: false }, /backed up/],
])('a sign-in that lies about its %s is refused', async (_, lie, refusal) => {
  const authenticator = new SoftwareAuthenticator();
  const credential = await registered(authenticator);
  await expect(signIn(authenticator, credential, lie)).rejects.toThrow(refusal);
});

test('a signature counter that goes back is refused', async () => {
  const authenticator = new SoftwareAuthenticator({ synced: false });
  const credential = { ...(await registered(authenticator)), counter: 7 };
  await expect(signIn(authenticator, credential, { signCount: 7 })).rejects.toThrow(/counter/);
  const { verified } = await signIn(authenticator, credential, { signCount: 8 });
  expect(verified.authenticationInfo.newCounter).toBe(8);
});

test('what the verifier leaves to its caller passes and is there to be checked', async () => {
  const authenticator = new SoftwareAuthenticator();
  const first = await registered(authenticator);
  const second = await registered(authenticator);
  const foreign = await signIn(authenticator, first, { credentialId: second.id });
  expect(foreign.response.id).toBe(second.id);
  expect(foreign.verified.verified).toBe(true);
  const handle = Buffer.from('person-2').toString('base64url');
  const stranger = await signIn(authenticator, first, { userHandle: handle });
  expect(stranger.response.response.userHandle).toBe(handle);
  expect(stranger.verified.verified).toBe(true);
  const framed = await signIn(authenticator, first, { crossOrigin: true });
  expect(framed.verified.verified).toBe(true);
  const framedAtRegistration = await register(authenticator, {
    crossOrigin: true,
    topOrigin: 'https://evil.example',
  });
  expect(framedAtRegistration.verified).toBe(true);
  const noLongerSynced = await signIn(authenticator, first, {
    backupEligible: false,
    backupState: false,
  });
  expect(noLongerSynced.verified).toMatchObject({
    verified: true,
    authenticationInfo: { credentialDeviceType: 'singleDevice' },
  });
});

test('the signature of another held credential is refused', async () => {
  const authenticator = new SoftwareAuthenticator();
  const first = await registered(authenticator);
  const second = await registered(authenticator);
  const { verified } = await signIn(authenticator, first, {
    signWith: second.id,
    credentialId: first.id,
  });
  expect(verified.verified).toBe(false);
});

test('an excluded credential is not made twice, unless the authenticator ignores it', async () => {
  const authenticator = new SoftwareAuthenticator();
  const { id } = await registered(authenticator);
  const offer = { excluded: id };
  await expect(register(authenticator, {}, offer)).rejects.toMatchObject({
    name: 'InvalidStateError',
  });
  expect(await register(authenticator, { ignoresExclusions: true }, offer)).toMatchObject({
    verified: true,
  });
});

test('an algorithm that was not offered is refused at both ends', async () => {
  const offer = { algorithms: [CREDENTIAL_ALGORITHMS.ES256] };
  const authenticator = new SoftwareAuthenticator({ algorithm: 'RS256' });
  await expect(register(authenticator, {}, offer)).rejects.toMatchObject({
    name: 'NotSupportedError',
  });
  const insists = register(authenticator, { ignoresOfferedAlgorithms: true }, offer);
  await expect(insists).rejects.toThrow(/public key alg/);
});

test('an authenticator without a fitting credential answers as a browser does', async () => {
  const authenticator = new SoftwareAuthenticator();
  const credential = await registered(new SoftwareAuthenticator());
  await expect(signIn(authenticator, credential)).rejects.toMatchObject({
    name: 'NotAllowedError',
  });
});
