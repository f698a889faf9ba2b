/** The base32 key inside an `otpauth:` address; empty when it carries none. */
export function secretOf(totpUri: string): string {
  const query = totpUri.slice(totpUri.indexOf('?') + 1);
  return new URLSearchParams(query).get('secret') ?? '';
}

/** A key in groups of four, as people read it out. */
export function groupSecret(secret: string): string {
  return secret.match(/.{1,4}/gu)?.join(' ') ?? '';
}
