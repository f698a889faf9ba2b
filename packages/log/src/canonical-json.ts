import canonicalize from 'canonicalize';

/**
 * The RFC 8785 bytes of a JSON value: the only form that is hashed, stored or signed.
 *
 * @throws {TypeError} when the value has no JSON form (undefined, a function, NaN, an infinity).
 * @see https://www.rfc-editor.org/rfc/rfc8785#section-3.2
 */
export function canonicalBytes(value: unknown): Uint8Array {
  const text = canonicalize(value);
  if (text === undefined) throw new TypeError('value has no JSON form');
  return new TextEncoder().encode(text);
}
