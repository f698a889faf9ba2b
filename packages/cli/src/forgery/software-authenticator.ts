import { createHash, randomBytes } from 'node:crypto';
import type {
  AuthenticationResponseJSON,
  PublicKeyCredentialCreationOptionsJSON,
  PublicKeyCredentialRequestOptionsJSON,
  RegistrationResponseJSON,
} from '@simplewebauthn/server';
import { type CborValue, encodeCbor } from './cbor.ts';
import {
  CREDENTIAL_ALGORITHMS,
  type CredentialAlgorithm,
  type CredentialKey,
  generateCredentialKey,
} from './credential-key.ts';

/** What one ceremony says differently from the truth. An honest one has the origin and nothing else. */
export interface CeremonyOptions {
  /** The origin of the page, as the browser writes it: another one is what a phishing site gets. */
  readonly origin: string;
  /** `webauthn.create` or `webauthn.get` otherwise. */
  readonly type?: string;
  /** Base64url; that of the options otherwise. */
  readonly challenge?: string;
  readonly crossOrigin?: boolean;
  /** With `crossOrigin: true`, the page around the frame. */
  readonly topOrigin?: string;
  /** Hashed into the authenticator data in place of the relying party's. */
  readonly rpId?: string;
  readonly userPresent?: boolean;
  readonly userVerified?: boolean;
  readonly backupEligible?: boolean;
  readonly backupState?: boolean;
  /** Also what this credential counts on from. */
  readonly signCount?: number;
  /** Base64url: claims the id of another credential in place of its own. */
  readonly credentialId?: string;
}

export interface CreateOptions extends CeremonyOptions {
  /** Answers with the constructor's algorithm even when the options do not offer it. */
  readonly ignoresOfferedAlgorithms?: boolean;
  /** Makes a further credential although the options exclude one held here. */
  readonly ignoresExclusions?: boolean;
}

export interface GetOptions extends CeremonyOptions {
  /** Flips the last bit of the signature. */
  readonly flipsSignatureBit?: boolean;
  /** Base64url in place of the person's; `null` leaves it out, as a security key may. */
  readonly userHandle?: string | null;
  /** Signs with this held credential, whatever the options allow. */
  readonly signWith?: string;
}

/** A credential as the outside may see it. */
export interface HeldCredential {
  /** Base64url. */
  readonly id: string;
  readonly rpId: string;
  /** Base64url: `user.id` of the options it was made for. */
  readonly userHandle: string;
  readonly signCount: number;
}

/**
 * A WebAuthn authenticator together with its browser, written from the specification on node:crypto
 * alone. Keeps discoverable credentials in memory, verifies its user always and attests nothing.
 *
 * @see https://www.w3.org/TR/webauthn-3/
 */
export class SoftwareAuthenticator {
  readonly #algorithm: CredentialAlgorithm;
  readonly #isSynced: boolean;
  readonly #aaguid: Buffer;
  readonly #credentials: StoredCredential[] = [];

  /**
   * `synced` (the default) is a passkey of a password manager: backed up, its counter always 0. Otherwise
   * a security key: bound to the device, counting its signatures. `aaguid` is a UUID, zero by default.
   */
  constructor(
    options: {
      readonly algorithm?: CredentialAlgorithm;
      readonly synced?: boolean;
      readonly aaguid?: string;
    } = {},
  ) {
    this.#algorithm = options.algorithm ?? 'ES256';
    this.#isSynced = options.synced ?? true;
    this.#aaguid = Buffer.from((options.aaguid ?? '').replaceAll('-', '').padEnd(32, '0'), 'hex');
  }

  /** Oldest first. */
  get credentials(): readonly HeldCredential[] {
    return this.#credentials;
  }

  /**
   * Registers: `navigator.credentials.create()` with attestation `none`.
   *
   * @throws Error named `NotSupportedError` when no offered algorithm is this authenticator's,
   *   `InvalidStateError` when an excluded credential is held here.
   */
  create(
    options: PublicKeyCredentialCreationOptionsJSON,
    ceremony: CreateOptions,
  ): RegistrationResponseJSON {
    const rpId = options.rp.id ?? new URL(ceremony.origin).hostname;
    this.#refuseUnwanted(options, ceremony);
    const credential: StoredCredential = {
      id: ceremony.credentialId ?? randomBytes(16).toString('base64url'),
      rpId,
      userHandle: options.user.id,
      signCount: 0,
      key: generateCredentialKey(this.#algorithm),
    };
    const authData = Buffer.concat([
      this.#authenticatorData(credential, ceremony, ATTESTED_CREDENTIAL),
      this.#attestedCredential(credential),
    ]);
    this.#credentials.push(credential);
    return {
      id: credential.id,
      rawId: credential.id,
      type: 'public-key',
      authenticatorAttachment: this.#isSynced ? 'platform' : 'cross-platform',
      clientExtensionResults: { credProps: { rk: true } },
      response: {
        clientDataJSON: clientData('webauthn.create', options.challenge, ceremony),
        attestationObject: attestationObject(authData).toString('base64url'),
        authenticatorData: authData.toString('base64url'),
        publicKey: credential.key.spki.toString('base64url'),
        publicKeyAlgorithm: CREDENTIAL_ALGORITHMS[this.#algorithm],
        transports: this.#isSynced ? ['internal', 'hybrid'] : ['usb'],
      },
    };
  }

  /**
   * Signs in: `navigator.credentials.get()`. Of several credentials that fit, the newest signs.
   *
   * @throws Error named `NotAllowedError` when none fits.
   */
  get(
    options: PublicKeyCredentialRequestOptionsJSON,
    ceremony: GetOptions,
  ): AuthenticationResponseJSON {
    const credential = this.#choose(options, ceremony);
    if (!this.#isSynced) credential.signCount += 1;
    const authData = this.#authenticatorData(credential, ceremony);
    const clientDataJSON = clientData('webauthn.get', options.challenge, ceremony);
    const hash = sha256(Buffer.from(clientDataJSON, 'base64url'));
    const signature = credential.key.sign(Buffer.concat([authData, hash]));
    if (ceremony.flipsSignatureBit === true)
      signature.writeUInt8((signature.at(-1) ?? 0) ^ 1, signature.length - 1);
    const id = ceremony.credentialId ?? credential.id;
    const userHandle =
      ceremony.userHandle === undefined ? credential.userHandle : ceremony.userHandle;
    return {
      id,
      rawId: id,
      type: 'public-key',
      authenticatorAttachment: this.#isSynced ? 'platform' : 'cross-platform',
      clientExtensionResults: {},
      response: {
        clientDataJSON,
        authenticatorData: authData.toString('base64url'),
        signature: signature.toString('base64url'),
        ...(userHandle === null ? {} : { userHandle }),
      },
    };
  }

  #refuseUnwanted(options: PublicKeyCredentialCreationOptionsJSON, ceremony: CreateOptions): void {
    const offered = options.pubKeyCredParams.some(
      ({ alg }) => alg === CREDENTIAL_ALGORITHMS[this.#algorithm],
    );
    if (!offered && ceremony.ignoresOfferedAlgorithms !== true) throw named('NotSupportedError');
    const excluded = options.excludeCredentials?.some(({ id }) =>
      this.#credentials.some((held) => held.id === id),
    );
    if (excluded === true && ceremony.ignoresExclusions !== true) throw named('InvalidStateError');
  }

  #choose(options: PublicKeyCredentialRequestOptionsJSON, ceremony: GetOptions): StoredCredential {
    const rpId = options.rpId ?? new URL(ceremony.origin).hostname;
    const allowed = options.allowCredentials ?? [];
    const chosen = this.#credentials.findLast((held) => {
      if (ceremony.signWith !== undefined) return held.id === ceremony.signWith;
      return (
        held.rpId === rpId && (allowed.length === 0 || allowed.some(({ id }) => id === held.id))
      );
    });
    if (chosen === undefined) throw named('NotAllowedError');
    return chosen;
  }

  /** @see https://www.w3.org/TR/webauthn-3/#sctn-authenticator-data */
  #authenticatorData(credential: StoredCredential, ceremony: CeremonyOptions, further = 0): Buffer {
    credential.signCount = ceremony.signCount ?? credential.signCount;
    const data = Buffer.alloc(37);
    sha256(Buffer.from(ceremony.rpId ?? credential.rpId)).copy(data);
    let flags = further;
    if (ceremony.userPresent ?? true) flags |= USER_PRESENT;
    if (ceremony.userVerified ?? true) flags |= USER_VERIFIED;
    if (ceremony.backupEligible ?? this.#isSynced) flags |= BACKUP_ELIGIBLE;
    if (ceremony.backupState ?? this.#isSynced) flags |= BACKUP_STATE;
    data.writeUInt8(flags, 32);
    data.writeUInt32BE(credential.signCount, 33);
    return data;
  }

  #attestedCredential({ id, key }: StoredCredential): Buffer {
    const idBytes = Buffer.from(id, 'base64url');
    const length = Buffer.alloc(2);
    length.writeUInt16BE(idBytes.length);
    return Buffer.concat([this.#aaguid, length, idBytes, key.cose]);
  }
}

interface StoredCredential {
  readonly id: string;
  readonly rpId: string;
  readonly userHandle: string;
  readonly key: CredentialKey;
  signCount: number;
}

const USER_PRESENT = 0x01;
const USER_VERIFIED = 0x04;
const BACKUP_ELIGIBLE = 0x08;
const BACKUP_STATE = 0x10;
const ATTESTED_CREDENTIAL = 0x40;

/** @see https://www.w3.org/TR/webauthn-3/#dictionary-client-data */
function clientData(type: string, challenge: string, ceremony: CeremonyOptions): string {
  const text = JSON.stringify({
    type: ceremony.type ?? type,
    challenge: ceremony.challenge ?? challenge,
    origin: ceremony.origin,
    crossOrigin: ceremony.crossOrigin ?? false,
    ...(ceremony.topOrigin === undefined ? {} : { topOrigin: ceremony.topOrigin }),
  });
  return Buffer.from(text).toString('base64url');
}

function attestationObject(authData: Buffer): Buffer {
  return encodeCbor(
    new Map<string, CborValue>([
      ['fmt', 'none'],
      ['attStmt', new Map()],
      ['authData', authData],
    ]),
  );
}

function sha256(data: Uint8Array): Buffer {
  return createHash('sha256').update(data).digest();
}

function named(name: string): Error {
  return Object.assign(new Error(`the authenticator answers ${name}`), { name });
}
