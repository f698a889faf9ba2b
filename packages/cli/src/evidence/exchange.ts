import type { SecretKind, Vault } from './vault.ts';

/** One request with its answer, as it was on the wire: holds secrets and is never written as it is. */
export interface Exchange {
  /** `direct request`, or whose browser made it. */
  readonly by: string;
  /** What a request was made for; empty for what a page did by itself. */
  readonly note: string;
  /** RFC 3339, UTC. */
  readonly at: string;
  readonly method: string;
  /** With the query. */
  readonly path: string;
  readonly requestHeaders: Headers;
  readonly requestBody: string | null;
  readonly status: number;
  readonly headers: Headers;
  /** Null for what is not kept: pages, and answers without a body. */
  readonly body: string | null;
}

type Headers = readonly (readonly [name: string, value: string])[];

const BODY_SECRETS: Readonly<Record<string, SecretKind>> = {
  password: 'password',
  currentPassword: 'password',
  newPassword: 'password',
  token: 'session token',
  grant: 'grant',
  totpURI: 'authenticator key',
  secret: 'authenticator key',
  recoveryCodes: 'recovery code',
  backupCodes: 'recovery code',
  codes: 'recovery code',
  key: 'API key',
  userHandle: 'user handle',
};

/** In a request `code` is what the person typed; in an answer it names the refusal. */
const REQUEST_SECRETS: Readonly<Record<string, SecretKind>> = { ...BODY_SECRETS, code: 'code' };

/** What an identity provider's redirect brings. */
const QUERY_SECRETS = ['code', 'state'];

/** Tells the vault every secret that an exchange carries. */
export function learnSecrets(exchange: Exchange, vault: Vault): void {
  learnProviderAnswer(exchange.path, vault);
  for (const path of [['response', 'returnUrl'], ['returnUrl']]) {
    const returnUrl = fieldOf(exchange.requestBody, ...path);
    if (typeof returnUrl === 'string') learnProviderAnswer(returnUrl, vault);
  }
  learnFromBody(exchange.requestBody, REQUEST_SECRETS, vault);
  learnFromBody(exchange.body, BODY_SECRETS, vault);
  const grant = headerOf(exchange.requestHeaders, 'countersign-grant');
  if (grant !== null) vault.add('grant', grant);
  for (const [name, value] of [...exchange.requestHeaders, ...exchange.headers]) {
    if (name === 'set-cookie') learnCookie(value.split(';')[0] ?? '', vault);
    if (name === 'cookie') for (const pair of value.split('; ')) learnCookie(pair, vault);
  }
}

/** The form in which an exchange is kept: every secret replaced by its commitment. */
export function formatExchange(exchange: Exchange, vault: Vault) {
  return {
    by: exchange.by,
    ...(exchange.note === '' ? {} : { note: exchange.note }),
    at: exchange.at,
    request: {
      method: exchange.method,
      path: vault.redact(exchange.path),
      headers: formatHeaders(exchange.requestHeaders, vault),
      body: formatBody(exchange.requestBody, REQUEST_SECRETS, vault),
    },
    response: {
      status: exchange.status,
      headers: formatHeaders(exchange.headers, vault),
      body: formatBody(exchange.body, BODY_SECRETS, vault),
    },
  };
}

/** The value of a header, the first when there are several. */
export function headerOf(headers: Headers, name: string): string | null {
  return headers.find(([it]) => it === name)?.[1] ?? null;
}

/** A value inside a JSON body, by its path; undefined when there is none. */
export function fieldOf(body: string | null, ...path: readonly (string | number)[]): unknown {
  let value = parseJson(body ?? '');
  for (const name of path) {
    if (typeof value !== 'object' || value === null) return undefined;
    value = (value as Record<string | number, unknown>)[name];
  }
  return value;
}

/** The cookies an answer sets, by name; an empty value deletes one. */
export function cookiesSet({ headers }: Exchange): ReadonlyMap<string, string> {
  const pairs = headers
    .filter(([name]) => name === 'set-cookie')
    .map(([, value]) => splitPair(value.split(';')[0] ?? ''));
  return new Map(pairs);
}

/** The `Cookie` header with which a browser would follow up on an answer. */
export function cookieHeaderAfter(exchange: Exchange): string {
  const live = [...cookiesSet(exchange)].filter(([, value]) => value !== '');
  return live.map(([name, value]) => `${name}=${value}`).join('; ');
}

/** Learns the secrets in the address, or path, that an identity provider sends a browser back to. */
export function learnProviderAnswer(returnUrl: string, vault: Vault): void {
  const answer = new URLSearchParams(returnUrl.split('?')[1] ?? '');
  if (!answer.has('state')) return;
  for (const name of QUERY_SECRETS) vault.add('provider answer', answer.get(name) ?? '');
}

function learnCookie(pair: string, vault: Vault): void {
  const [name, value] = splitPair(pair);
  const kind = name.endsWith('session_token') ? 'session token' : 'pending token';
  for (const part of cookieParts(value)) vault.add(kind, part);
}

/** A signed cookie is a token, a dot and its signature: each is committed to by itself. */
function cookieParts(value: string): string[] {
  const plain = decodeComponent(value);
  const dot = plain.lastIndexOf('.');
  return dot < 1 ? [plain] : [plain.slice(0, dot), plain.slice(dot + 1)];
}

function learnFromBody(
  body: string | null,
  secrets: Readonly<Record<string, SecretKind>>,
  vault: Vault,
): void {
  mapSecrets(parseJson(body ?? ''), secrets, (text, kind) => {
    if (text.startsWith('otpauth:')) {
      const key = URL.parse(text)?.searchParams.get('secret');
      if (key) vault.add('authenticator key', key);
      return text;
    }
    // The field of a recovery code has the same name.
    vault.add(kind === 'code' && !/^\d{6}$/.test(text) ? 'recovery code' : kind, text);
    return text;
  });
}

function formatHeaders(headers: Headers, vault: Vault): string[] {
  return headers.map(([name, value]) => `${name}: ${formatHeader(name, value, vault)}`);
}

function formatHeader(name: string, value: string, vault: Vault): string {
  if (name === 'cookie') {
    return value
      .split('; ')
      .map((pair) => formatCookie(pair, vault))
      .join('; ');
  }
  if (name !== 'set-cookie') return vault.redact(value);
  const [pair = '', ...attributes] = value.split(';');
  return [formatCookie(pair, vault), ...attributes].join(';');
}

function formatCookie(pair: string, vault: Vault): string {
  const [name, value] = splitPair(pair);
  const parts = cookieParts(value).map((part) => (part === '' ? '' : vault.commit(part)));
  return `${name}=${parts.join('.')}`;
}

function formatBody(
  body: string | null,
  secrets: Readonly<Record<string, SecretKind>>,
  vault: Vault,
): unknown {
  if (body === null || body === '') return null;
  const value = parseJson(body);
  if (value === undefined) return vault.redact(body);
  const committed = mapSecrets(value, secrets, (text) => vault.commit(text));
  return mapStrings(committed, (text) =>
    text.startsWith('sha256-salted:') ? text : vault.redact(text),
  );
}

/** Maps the strings below a name that marks a secret, however deep they are. */
function mapSecrets(
  value: unknown,
  secrets: Readonly<Record<string, SecretKind>>,
  map: (text: string, kind: SecretKind) => string,
): unknown {
  if (Array.isArray(value)) return value.map((item) => mapSecrets(item, secrets, map));
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([name, inner]) => {
    const kind = kindByOwner(name, value) ?? kindOf(name, secrets);
    const mapped =
      kind === undefined
        ? mapSecrets(inner, secrets, map)
        : mapStrings(inner, (text) => map(text, kind));
    return [name, mapped] as const;
  });
  return Object.fromEntries(entries);
}

function kindOf(
  name: string,
  secrets: Readonly<Record<string, SecretKind>>,
): SecretKind | undefined {
  return Object.hasOwn(secrets, name) ? secrets[name] : undefined;
}

/** Names that mark a secret only beside another: elsewhere they are harmless. */
function kindByOwner(name: string, owner: object): SecretKind | undefined {
  // WebAuthn's creation options: `user: {id, name, displayName}`.
  if (name === 'id' && Object.hasOwn(owner, 'displayName')) return 'user handle';
  // Where a browser is sent to authenticate: `{url, state}`.
  return name === 'state' && Object.hasOwn(owner, 'url') ? 'provider answer' : undefined;
}

function mapStrings(value: unknown, map: (text: string) => string): unknown {
  if (typeof value === 'string') return map(value);
  if (Array.isArray(value)) return value.map((item) => mapStrings(item, map));
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([name, inner]) => [name, mapStrings(inner, map)]);
  return Object.fromEntries(entries);
}

function splitPair(pair: string): [name: string, value: string] {
  const equals = pair.indexOf('=');
  return [pair.slice(0, equals).trim(), pair.slice(equals + 1).trim()];
}

function decodeComponent(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
