import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Notice } from './ports.ts';

/** How long the "this wasn't me" link of a mail works. */
export const REPUDIATION_SECONDS = 7 * 86_400;

/** What a link is made of. Its token stands in the fragment, which no server or proxy is sent. */
export interface RepudiationLinks {
  /** The page it opens, without a fragment. */
  readonly page: string;
  /** 32 bytes each, from every version of the secret, the present one first. */
  readonly keys: readonly [Uint8Array, ...Uint8Array[]];
}

/** What a link says, once it is known to be ours. */
export interface Repudiation {
  readonly userId: string;
  readonly madeAt: Date;
}

/** The mail with its link, where it has one. */
export function withLink(
  { repudiate, ...notice }: Notice,
  { now, links }: { readonly now: Date; readonly links: RepudiationLinks | null },
): Notice {
  if (repudiate === undefined || links === null) return notice;
  const token = signRepudiation(links.keys[0], { userId: repudiate, madeAt: now });
  const text = `${notice.text}\nTo freeze your account until your administrator has looked, open this page and press its button. Opening it does nothing by itself:\n\n    ${links.page}#${token}\n\nIt works for seven days.\n`;
  return { ...notice, text };
}

/** `base64url(user id).milliseconds in base 36.base64url(HMAC-SHA-256 of both)` */
export function signRepudiation(key: Uint8Array, { userId, madeAt }: Repudiation): string {
  const payload = `${Buffer.from(userId).toString('base64url')}.${madeAt.getTime().toString(36)}`;
  return `${payload}.${macOf(key, payload).toString('base64url')}`;
}

/** Null for anything we did not sign, and for what is over seven days old. */
export function readRepudiation(
  token: string,
  { keys, now }: { readonly keys: readonly Uint8Array[]; readonly now: Date },
): Repudiation | null {
  const match = /^(([\w-]{1,200})\.([0-9a-z]{1,11}))\.([\w-]{43})$/u.exec(token);
  const [, payload = '', user = '', made = '', given = ''] = match ?? [];
  if (match === null || !isOurs(payload, { keys, mac: Buffer.from(given, 'base64url') }))
    return null;
  const madeAt = new Date(Number.parseInt(made, 36));
  const ageMs = now.getTime() - madeAt.getTime();
  if (ageMs < 0 || ageMs >= REPUDIATION_SECONDS * 1000) return null;
  return { userId: Buffer.from(user, 'base64url').toString('utf8'), madeAt };
}

function isOurs(
  payload: string,
  { keys, mac }: { readonly keys: readonly Uint8Array[]; readonly mac: Buffer },
): boolean {
  return keys.some((key) => {
    const expected = macOf(key, payload);
    return expected.length === mac.length && timingSafeEqual(expected, mac);
  });
}

function macOf(key: Uint8Array, payload: string): Buffer {
  return createHmac('sha256', key).update(payload).digest();
}
