import type { BrowserContext, Request } from 'playwright-core';
import { type Exchange, learnSecrets } from './exchange.ts';
import type { Vault } from './vault.ts';

/** A request made outside the page: no script of the application runs, no code is asked for. */
export interface DirectRequest {
  /** What it is for. */
  readonly note: string;
  readonly method: 'GET' | 'POST' | 'DELETE';
  readonly path: string;
  /** The whole `Cookie` header; none when empty. */
  readonly cookie?: string;
  readonly json?: unknown;
  readonly csv?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A request that a page is about to make. */
export interface ExpectedRequest {
  readonly by: string;
  /** What it is for. */
  readonly note: string;
  readonly method: string;
  readonly path: string;
}

/** Collects what goes over the wire, in the order in which it began. */
export interface ExchangeRecorder {
  /** Records what the pages of a context ask of the portal: its API, and its pages themselves. */
  watch(context: BrowserContext, by: string): void;
  /**
   * Runs `work`, which makes one request in a watched browser, and resolves to that exchange.
   *
   * @throws when it was not made or not answered.
   */
  expect(request: ExpectedRequest, work: () => Promise<unknown>): Promise<Exchange>;
  /** @throws when the portal does not answer at all. */
  send(request: DirectRequest): Promise<Exchange>;
  /** Waits until nothing asked so far is still under way. */
  settle(): Promise<void>;
  /** Everything since the last call; waits for answers still under way. */
  take(): Promise<readonly Exchange[]>;
}

/** Longer than any answer of the portal takes. */
const SETTLE_MS = 5000;

/** Records exchanges with one origin, and teaches the vault every secret in them. */
export function createExchangeRecorder(options: {
  readonly baseUrl: string;
  readonly vault: Vault;
}): ExchangeRecorder {
  const { baseUrl, vault } = options;
  let slots: Promise<Exchange | null>[] = [];
  const expected = new Set<Expectation>();
  const keep = (pending: Promise<Exchange | null>): Promise<Exchange | null> => {
    const learned = pending.then((exchange) => {
      if (exchange !== null) learnSecrets(exchange, vault);
      return exchange;
    });
    const slot = learned.catch(() => null);
    slots.push(slot);
    return slot;
  };
  return {
    watch: (context, by) => {
      context.on('request', (request) => {
        if (!isRelevant(request, baseUrl)) return;
        const fitting = [...expected].find((it) => fits(it, { request, by, baseUrl }));
        if (fitting !== undefined) expected.delete(fitting);
        const note = fitting?.note ?? '';
        const kept = keep(readBrowserExchange(request, { by, note, baseUrl }));
        fitting?.seen(kept);
      });
    },
    expect: async (request, work) => {
      const { promise, resolve } = Promise.withResolvers<Promise<Exchange | null>>();
      const expectation = { ...request, seen: resolve };
      expected.add(expectation);
      try {
        await work();
        const exchange = await Promise.race([promise.then((kept) => kept), timeOut()]);
        if (exchange === null) throw new Error(`no answer to ${request.method} ${request.path}`);
        return exchange;
      } finally {
        expected.delete(expectation);
      }
    },
    send: async (request) => {
      const pending = sendDirect(request, baseUrl);
      void keep(pending);
      const exchange = await pending;
      learnSecrets(exchange, vault);
      return exchange;
    },
    settle: async () => {
      await Promise.race([Promise.all(slots), timeOut()]);
    },
    take: async () => {
      const taken = slots;
      slots = [];
      const settled = await Promise.all(taken.map((slot) => Promise.race([slot, timeOut()])));
      return settled.filter((exchange) => exchange !== null);
    },
  };
}

interface Expectation extends ExpectedRequest {
  seen(exchange: Promise<Exchange | null>): void;
}

function fits(
  expected: Expectation,
  { request, by, baseUrl }: { request: Request; by: string; baseUrl: string },
): boolean {
  return (
    expected.by === by &&
    expected.method === request.method() &&
    expected.path === request.url().slice(baseUrl.length) &&
    !request.isNavigationRequest()
  );
}

function isRelevant(request: Request, baseUrl: string): boolean {
  const url = new URL(request.url());
  if (url.origin !== baseUrl) return false;
  return url.pathname.startsWith('/api/') || request.isNavigationRequest();
}

async function readBrowserExchange(
  request: Request,
  { by, note, baseUrl }: { by: string; note: string; baseUrl: string },
): Promise<Exchange | null> {
  const at = new Date().toISOString();
  const requestBody = request.postData();
  // A request that the page gave up on has no answer and proves nothing.
  const response = await request.response();
  if (response === null) return null;
  const isPage = request.isNavigationRequest();
  // First of all: the browser forgets bodies when the page goes elsewhere.
  const body = isPage ? null : await response.text().catch(() => null);
  const requestHeaders = await request.headersArray();
  const headers = await response.headersArray();
  return {
    by,
    note,
    at,
    method: request.method(),
    path: request.url().slice(baseUrl.length),
    requestHeaders: requestHeaders.map(toPair).filter(([name]) => KEPT_HEADERS.has(name)),
    requestBody,
    status: response.status(),
    headers: headers.map(toPair),
    body,
  };
}

const KEPT_HEADERS = new Set([
  'accept',
  'content-type',
  'cookie',
  'countersign-grant',
  'idempotency-key',
  'if-match',
  'origin',
  'x-forwarded-for',
]);

async function sendDirect(request: DirectRequest, baseUrl: string): Promise<Exchange> {
  const at = new Date().toISOString();
  const requestBody = request.csv ?? (request.json === undefined ? null : toText(request.json));
  const requestHeaders = Object.entries({
    ...(request.cookie ? { cookie: request.cookie } : {}),
    ...(request.csv === undefined ? {} : { 'content-type': 'text/csv' }),
    ...(request.json === undefined ? {} : { 'content-type': 'application/json' }),
    origin: baseUrl,
    ...request.headers,
  });
  const response = await fetch(`${baseUrl}${request.path}`, {
    method: request.method,
    headers: requestHeaders,
    body: requestBody,
    redirect: 'manual',
    signal: AbortSignal.timeout(SETTLE_MS),
  });
  const isPage = /^text\/html/.test(response.headers.get('content-type') ?? '');
  const text = await response.text();
  return {
    by: 'direct request',
    note: request.note,
    at,
    method: request.method,
    path: request.path,
    requestHeaders,
    requestBody,
    status: response.status,
    headers: [...response.headers],
    body: isPage ? null : text,
  };
}

function toText(value: unknown): string {
  return JSON.stringify(value);
}

function toPair({ name, value }: { name: string; value: string }): [string, string] {
  return [name.toLowerCase(), value];
}

function timeOut(): Promise<null> {
  return new Promise((resolve) => {
    setTimeout(() => resolve(null), SETTLE_MS).unref();
  });
}
