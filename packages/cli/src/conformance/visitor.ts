import { fieldOf } from '../evidence/exchange.ts';

/** What the portal answered, read to its end. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly bytes: Buffer;
  readonly text: string;
  /** The problem code of a refusal, ours or Better Auth's; null when it has none. */
  readonly code: string | null;
}

export interface Sent {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly path: string;
  readonly json?: unknown;
  readonly csv?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

const PATIENCE_MS = 30_000;

/** A cookie jar at an address, with the manners of a browser: nothing else reaches the portal. */
export class Visitor {
  readonly cookies = new Map<string, string>();
  readonly baseUrl: string;
  /** Where the requests claim to come from; believed only by a portal that trusts this machine. */
  address: string;

  constructor(baseUrl: string, address: string) {
    this.baseUrl = baseUrl;
    this.address = address;
  }

  /** The same cookies in other hands: what a thief would copy. */
  copy(address = this.address): Visitor {
    const copy = new Visitor(this.baseUrl, address);
    for (const [name, value] of this.cookies) copy.cookies.set(name, value);
    return copy;
  }

  async send({ method, path, json, csv, headers = {} }: Sent): Promise<Answer> {
    const body = csv ?? (json === undefined ? null : JSON.stringify(json));
    const type = csv === undefined ? 'application/json' : 'text/csv';
    const response = await fetch(`${this.baseUrl}${path}`, {
      method,
      redirect: 'manual',
      signal: AbortSignal.timeout(PATIENCE_MS),
      headers: {
        origin: this.baseUrl,
        'x-forwarded-for': this.address,
        ...(body === null ? {} : { 'content-type': type }),
        ...(this.cookies.size === 0 ? {} : { cookie: this.cookieHeader() }),
        ...headers,
      },
      ...(body === null ? {} : { body }),
    });
    for (const cookie of response.headers.getSetCookie()) this.keep(cookie);
    const bytes = Buffer.from(await response.arrayBuffer());
    const text = bytes.toString('utf8');
    const code = fieldOf(text, 'code');
    return {
      status: response.status,
      headers: response.headers,
      bytes,
      text,
      code: typeof code === 'string' ? code : null,
    };
  }

  get(path: string): Promise<Answer> {
    return this.send({ method: 'GET', path });
  }

  post(path: string, json: unknown = {}, grant?: string): Promise<Answer> {
    return this.send({ method: 'POST', path, json, headers: grantHeader(grant) });
  }

  private cookieHeader(): string {
    return [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
  }

  private keep(header: string): void {
    const [pair = ''] = header.split(';');
    const name = pair.slice(0, pair.indexOf('='));
    const value = pair.slice(pair.indexOf('=') + 1);
    if (value === '' || /max-age=0(;|$)/i.test(header)) this.cookies.delete(name);
    else this.cookies.set(name, value);
  }
}

/** The header that carries a grant; nothing without one. */
export function grantHeader(grant: string | undefined): Readonly<Record<string, string>> {
  return grant === undefined ? {} : { 'countersign-grant': grant };
}
