import { generateKeyPairSync, randomBytes, sign } from 'node:crypto';

export interface SelfSignedCertificate {
  /** PEM, PKCS #8. */
  readonly key: string;
  /** PEM. Also the authority to trust: it signed itself. */
  readonly certificate: string;
}

const DAY_MS = 86_400_000;

/**
 * A certificate for `localhost` and 127.0.0.1 with a fresh P-256 key, valid from a day ago to a week ahead.
 *
 * @see https://www.rfc-editor.org/rfc/rfc5280#section-4.1
 */
export function selfSignedCertificate(now: Date = new Date()): SelfSignedCertificate {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const ecdsaWithSha256 = sequence(oid('2a8648ce3d040302'));
  const name = sequence(set(sequence(oid('550403'), der(UTF8_STRING, Buffer.from('localhost')))));
  const toBeSigned = sequence(
    der(EXPLICIT_0, integer(Buffer.from([2]))),
    integer(Buffer.concat([Buffer.from([0x01]), randomBytes(15)])),
    ecdsaWithSha256,
    name,
    sequence(utcTime(now.getTime() - DAY_MS), utcTime(now.getTime() + 7 * DAY_MS)),
    name,
    publicKey.export({ format: 'der', type: 'spki' }),
    der(EXPLICIT_3, sequence(basicConstraints(), subjectAltName())),
  );
  const signature = sign('sha256', toBeSigned, privateKey);
  return {
    key: privateKey.export({ format: 'pem', type: 'pkcs8' }).toString(),
    certificate: pem(sequence(toBeSigned, ecdsaWithSha256, bitString(signature))),
  };
}

const BOOLEAN = 0x01;
const INTEGER = 0x02;
const BIT_STRING = 0x03;
const OCTET_STRING = 0x04;
const OBJECT_IDENTIFIER = 0x06;
const UTF8_STRING = 0x0c;
const UTC_TIME = 0x17;
const SEQUENCE = 0x30;
const SET = 0x31;
const DNS_NAME = 0x82;
const IP_ADDRESS = 0x87;
const EXPLICIT_0 = 0xa0;
const EXPLICIT_3 = 0xa3;

/** Trusted as its own root by every verifier. */
function basicConstraints(): Buffer {
  const isAuthority = der(BOOLEAN, Buffer.from([0xff]));
  return sequence(oid('551d13'), isAuthority, der(OCTET_STRING, sequence(isAuthority)));
}

function subjectAltName(): Buffer {
  const names = sequence(
    der(DNS_NAME, Buffer.from('localhost')),
    der(IP_ADDRESS, Buffer.from([127, 0, 0, 1])),
  );
  return sequence(oid('551d11'), der(OCTET_STRING, names));
}

/** Tag, length, contents. */
function der(tag: number, contents: Buffer): Buffer {
  const { length } = contents;
  if (length < 0x80) return Buffer.concat([Buffer.from([tag, length]), contents]);
  if (length < 0x1_00) return Buffer.concat([Buffer.from([tag, 0x81, length]), contents]);
  return Buffer.concat([Buffer.from([tag, 0x82, length >> 8, length & 0xff]), contents]);
}

function sequence(...items: Buffer[]): Buffer {
  return der(SEQUENCE, Buffer.concat(items));
}

function set(...items: Buffer[]): Buffer {
  return der(SET, Buffer.concat(items));
}

/** Big-endian, positive: the first byte is below 0x80. */
function integer(bytes: Buffer): Buffer {
  return der(INTEGER, bytes);
}

function oid(hex: string): Buffer {
  return der(OBJECT_IDENTIFIER, Buffer.from(hex, 'hex'));
}

function bitString(bytes: Buffer): Buffer {
  return der(BIT_STRING, Buffer.concat([Buffer.from([0]), bytes]));
}

function utcTime(ms: number): Buffer {
  const text = new Date(ms).toISOString().replace(/^..|[-:T]|\.\d+/g, '');
  return der(UTC_TIME, Buffer.from(text));
}

function pem(bytes: Buffer): string {
  const lines = bytes.toString('base64').match(/.{1,64}/g) ?? [];
  return ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n');
}
