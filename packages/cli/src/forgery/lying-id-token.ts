import { createHmac, type KeyObject, randomUUID, sign } from 'node:crypto';
import type { Lie } from './lies.ts';

export interface SigningKeys {
  readonly kid: string;
  /** Its public half is in the key set, under `kid`. */
  readonly published: KeyObject;
  readonly publicPem: string;
  /** In no key set. */
  readonly unpublished: KeyObject;
}

/** `undefined` leaves a claim out. */
type Claims = Readonly<Record<string, unknown>>;

export interface IdTokenFacts {
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly subject: string;
  readonly nonce: string | null;
  readonly acr: string;
  readonly amr: readonly string[];
  readonly now: Date;
}

/** The issuer, client and person that lies speak of. */
export const OTHER = {
  issuer: 'https://other-issuer.example',
  clientId: 'another-client',
  subject: 'somebody-else',
} as const;

/** A compact JWT that is right but for the one lie. */
export function signIdToken(facts: IdTokenFacts, keys: SigningKeys, lie: Lie | null): string {
  const claims: Claims = { ...honestClaims(facts), ...falseClaims(facts, lie) };
  return signed(claims, { facts, keys, lie });
}

function honestClaims({ issuer, clientId, subject, nonce, acr, amr, now }: IdTokenFacts): Claims {
  const seconds = Math.floor(now.getTime() / 1000);
  return {
    iss: issuer,
    aud: clientId,
    azp: clientId,
    sub: subject,
    nonce: nonce ?? undefined,
    iat: seconds,
    exp: seconds + 300,
    auth_time: seconds,
    acr,
    amr,
    jti: randomUUID(),
  };
}

/** What a lie puts in place of the honest claims. */
function falseClaims({ clientId, now }: IdTokenFacts, lie: Lie | null): Claims {
  const seconds = Math.floor(now.getTime() / 1000);
  const table: { readonly [kind in Lie]?: Claims } = {
    'iss-other': { iss: OTHER.issuer },
    'aud-other': { aud: OTHER.clientId },
    'aud-further': { aud: [clientId, OTHER.clientId] },
    'aud-further-without-azp': { aud: [clientId, OTHER.clientId], azp: undefined },
    'azp-other': { azp: OTHER.clientId },
    'exp-past': { iat: seconds - 900, exp: seconds - 600 },
    'iat-future': { iat: seconds + 3600, exp: seconds + 3900 },
    'nbf-future': { nbf: seconds + 3600, exp: seconds + 3900 },
    'nonce-other': { nonce: 'of-another-request' },
    'nonce-missing': { nonce: undefined },
    'sub-other': { sub: OTHER.subject },
    'sub-missing': { sub: undefined },
    'auth-time-missing': { auth_time: undefined },
    'auth-time-old': { auth_time: seconds - 3600 },
    'auth-time-stale': { auth_time: seconds - 20 },
    'auth-time-future': { auth_time: seconds + 3600 },
    'acr-other': { acr: 'urn:example:password' },
    'acr-missing': { acr: undefined },
    'acr-in-userinfo-only': { acr: undefined },
    'amr-other': { amr: ['pwd'] },
    'amr-missing': { amr: undefined },
  };
  return lie === null ? {} : (table[lie] ?? {});
}

function signed(
  claims: Claims,
  { facts, keys, lie }: { facts: IdTokenFacts; keys: SigningKeys; lie: Lie | null },
): string {
  const kid = lie === 'kid-unknown' ? 'unknown' : keys.kid;
  const rs256 = (key: KeyObject) =>
    compact({ alg: 'RS256', kid }, claims, (data) => sign('sha256', data, key));
  const hs256 = (secret: string) =>
    compact({ alg: 'HS256', kid }, claims, (data) =>
      createHmac('sha256', secret).update(data).digest(),
    );
  switch (lie) {
    case 'alg-none':
      return compact({ alg: 'none' }, claims, () => Buffer.alloc(0));
    case 'alg-hs256-client-secret':
      return hs256(facts.clientSecret);
    case 'alg-hs256-public-key':
      return hs256(keys.publicPem);
    case 'key-unpublished':
    case 'kid-unknown':
      return rs256(keys.unpublished);
    case 'signature-flipped':
      return flipLastBit(rs256(keys.published));
    default:
      return rs256(keys.published);
  }
}

/** By hand: a library would refuse to write most of these. @see RFC 7515 section 7.1 */
function compact(header: object, claims: Claims, signature: (data: Buffer) => Buffer): string {
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const data = `${part(header)}.${part(claims)}`;
  return `${data}.${signature(Buffer.from(data)).toString('base64url')}`;
}

function flipLastBit(jwt: string): string {
  const [header, payload, signature = ''] = jwt.split('.');
  const bytes = Buffer.from(signature, 'base64url');
  bytes.writeUInt8((bytes.at(-1) ?? 0) ^ 1, bytes.length - 1);
  return [header, payload, bytes.toString('base64url')].join('.');
}
