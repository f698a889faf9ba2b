import { isIP } from 'node:net';

/** Bytes one answer of a provider may have: discovery, keys and tokens are a few thousand. */
const MAX_ANSWER_BYTES = 256 * 1024;

type Fault = 'not_a_url' | 'not_https' | 'not_a_host';

/**
 * Why the server must not speak to an address that an administrator wrote, or null. Https and a host
 * name; plain http and addresses are for a portal of this very machine, whose provider is beside it.
 */
export function providerUrlFault(text: string, portalUrl: string): Fault | null {
  const url = URL.parse(text);
  if (url === null || url.username !== '' || url.password !== '' || url.hash !== '') {
    return 'not_a_url';
  }
  const isAtHome = isLoopback(url.hostname) && isLoopback(new URL(portalUrl).hostname);
  if (isAtHome && (url.protocol === 'http:' || url.protocol === 'https:')) return null;
  if (url.protocol !== 'https:') return 'not_https';
  // A certificate for an address, or for this machine, is nobody's organisation.
  const isAddress = isIP(url.hostname) !== 0 || url.hostname.startsWith('[');
  return isAddress || isLoopback(url.hostname) ? 'not_a_host' : null;
}

/**
 * `fetch` for what a provider's documents name: only addresses that `mayReach` allows, no redirect
 * followed, and no more read than a provider has to say.
 *
 * @throws {TypeError} before anything is sent, or when the answer is too long.
 */
export function providerFetch(mayReach: (address: string) => boolean) {
  return async (address: string, options: object): Promise<Response> => {
    if (!mayReach(address))
      throw new TypeError('a provider names an address that is not spoken to');
    const response = await fetch(address, { ...options, redirect: 'manual' });
    const { status, headers } = response;
    const body = await readBounded(response);
    const isBodiless = status === 204 || status === 205 || status === 304;
    return new Response(isBodiless ? null : body, { status, headers });
  };
}

async function readBounded(response: Response): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.byteLength;
    if (bytes > MAX_ANSWER_BYTES) throw new TypeError('a provider answered too much');
    chunks.push(chunk);
  }
  return new Uint8Array(Buffer.concat(chunks));
}

function isLoopback(name: string): boolean {
  const hostname = name.replace(/\.$/u, '');
  if (hostname === 'localhost' || hostname.endsWith('.localhost')) return true;
  return hostname === '[::1]' || (isIP(hostname) === 4 && hostname.startsWith('127.'));
}
