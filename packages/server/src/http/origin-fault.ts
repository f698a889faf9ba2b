import type { ProblemCode } from '../contract/index.ts';

const LOOPBACK = ['localhost', '127.0.0.1', '[::1]'];
const SAFE = ['GET', 'HEAD', 'OPTIONS'];

/**
 * Makes the check of where a request comes from and whom it claims to be: addressed to this host on
 * loopback, one identity, and our own origin on every unsafe method. Null when there is no fault.
 */
export function originFault(baseUrl: string): (request: Request) => ProblemCode | null {
  const { hostname, port } = new URL(baseUrl);
  const isLoopback = LOOPBACK.includes(hostname);
  const hosts = LOOPBACK.map((name) => (port === '' ? name : `${name}:${port}`));
  return ({ headers, method, url }) => {
    if (isLoopback && !hosts.includes(headers.get('host') ?? new URL(url).host)) {
      return 'origin_rejected';
    }
    const fault = identityFault(headers);
    if (fault !== null) return fault;
    // A key is no cookie: no page can make a browser send one.
    const isKeyed = isBearer(headers) && new URL(url).pathname.startsWith('/v1/');
    const isOurs = headers.get('origin') === baseUrl;
    return SAFE.includes(method) || isKeyed || isOurs ? null : 'origin_rejected';
  };
}

/** One cookie of each of our names, and never a cookie together with a bearer key. */
function identityFault(headers: Headers): 'malformed' | 'identity_ambiguous' | null {
  const names = (headers.get('cookie') ?? '')
    .split(';')
    .map((it) => it.split('=', 1)[0]?.trim() ?? '')
    .filter((name) => /^(__Host-)?countersign\./.test(name));
  if (new Set(names).size !== names.length) return 'malformed';
  return isBearer(headers) && names.length > 0 ? 'identity_ambiguous' : null;
}

function isBearer(headers: Headers): boolean {
  return /^bearer\b/i.test(headers.get('authorization') ?? '');
}
