import { execFileSync } from 'node:child_process';

/** A cookie jar and the manners of a browser: same-origin `Origin` on everything, cookies kept. */
export class Person {
  readonly cookies = new Map<string, string>();
  readonly baseUrl: string;
  secret = '';
  recoveryCodes: string[] = [];
  /** Where the requests claim to come from; believed only by a portal that trusts this machine. */
  address: string | null = null;

  constructor(baseUrl: string) {
    this.baseUrl = baseUrl;
  }

  /** The same jar, apart from the original: what a thief would copy. */
  clone(): Person {
    return this.at(this.baseUrl);
  }

  /** The same jar against another process of the portal. */
  at(baseUrl: string): Person {
    const copy = new Person(baseUrl);
    for (const [name, value] of this.cookies) copy.cookies.set(name, value);
    copy.secret = this.secret;
    copy.recoveryCodes = [...this.recoveryCodes];
    copy.address = this.address;
    return copy;
  }

  /** An empty jar in the hands of the same person, authenticator and recovery codes included. */
  elsewhere(): Person {
    const copy = this.clone();
    copy.cookies.clear();
    return copy;
  }

  async send(method: string, path: string, options: SendOptions = {}): Promise<Response> {
    const headers = new Headers({ origin: this.baseUrl, ...options.headers });
    if (this.address !== null) headers.set('x-forwarded-for', this.address);
    if (this.cookies.size > 0) {
      headers.set(
        'cookie',
        [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; '),
      );
    }
    const init: RequestInit = { method, headers, redirect: 'manual' };
    if (options.json !== undefined) {
      headers.set('content-type', 'application/json');
      init.body = JSON.stringify(options.json);
    }
    if (options.text !== undefined) init.body = options.text;
    const response = await fetch(`${this.baseUrl}${path}`, init);
    for (const cookie of response.headers.getSetCookie()) this.keep(cookie);
    return response;
  }

  get(path: string): Promise<Response> {
    return this.send('GET', path);
  }

  post(path: string, json: unknown = {}, headers: Record<string, string> = {}): Promise<Response> {
    return this.send('POST', path, { json, headers });
  }

  signIn(email: string, password: string): Promise<Response> {
    return this.post('/api/auth/sign-in/email', { email, password });
  }

  /** A code typed at sign-in, or inside a session: Better Auth has one endpoint for both. */
  verifyCode(code: string): Promise<Response> {
    return this.post('/api/auth/two-factor/verify-totp', { code });
  }

  /** Asks for a secret and keeps it; nothing is bound yet. */
  async startEnrolment(password: string): Promise<Response> {
    const started = await this.post('/api/auth/two-factor/enable', { password });
    if (started.status !== 200) return started;
    const { totpURI } = (await started.clone().json()) as { totpURI: string };
    this.secret = new URL(totpURI).searchParams.get('secret') ?? '';
    return started;
  }

  /** Enrols with the person's password; keeps the secret and the recovery codes. */
  async enrol(password: string): Promise<void> {
    await this.startEnrolment(password);
    const bound = await this.verifyCode(this.code(-1));
    if (bound.status !== 200) throw new Error(`enrolment answered ${bound.status}`);
    this.recoveryCodes = ((await bound.json()) as { recoveryCodes: string[] }).recoveryCodes;
  }

  /** A code from an independent generator, `steps` of 30 s from now. */
  code(steps = 0, at?: Date): string {
    if (at === undefined && steps < 0) leaveStepEdge();
    return oathCode(this.secret, steps, at);
  }

  /** Six digits that are no code of this authenticator, now or for minutes around. */
  wrongCode(): string {
    const near = new Set(oathCodes(this.secret, { from: -4, count: 9 }));
    for (let value = 0; ; value += 111_111) {
      const code = String(value).padStart(6, '0');
      if (!near.has(code)) return code;
    }
  }

  private keep(header: string): void {
    const [pair = ''] = header.split(';');
    const name = pair.slice(0, pair.indexOf('='));
    const value = pair.slice(pair.indexOf('=') + 1);
    if (value === '' || /max-age=0(;|$)/i.test(header)) this.cookies.delete(name);
    else this.cookies.set(name, value);
  }
}

interface SendOptions {
  readonly json?: unknown;
  readonly text?: string;
  readonly headers?: Record<string, string>;
}

/** oathtool's code for a base-32 secret. */
export function oathCode(secret: string, steps = 0, at: Date = new Date()): string {
  return oathCodes(secret, { from: steps, count: 1, at })[0] ?? '';
}

function oathCodes(
  secret: string,
  { from, count, at = new Date() }: { from: number; count: number; at?: Date },
): string[] {
  const seconds = Math.floor(at.getTime() / 1000) + from * 30;
  const options = ['--totp', '-b', secret, '--now', `@${seconds}`, '-w', String(count - 1)];
  return execFileSync('oathtool', options).toString().trim().split('\n');
}

const EDGE_MS = 2000;

/**
 * Waits for the next time step when the present one is about to end: a code of the step before
 * would be two steps old on arrival.
 */
export function leaveStepEdge(): void {
  const leftMs = 30_000 - (Date.now() % 30_000);
  if (leftMs < EDGE_MS) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, leftMs + 20);
}
