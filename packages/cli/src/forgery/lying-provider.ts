import { createHash, createPublicKey, generateKeyPairSync, randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import type { Lie } from './lies.ts';
import { OTHER, type SigningKeys, signIdToken } from './lying-id-token.ts';

export interface LyingProviderOptions {
  readonly clientId?: string;
  readonly clientSecret?: string;
  /** Who has always just signed in. */
  readonly subject?: string;
  readonly acr?: string;
  readonly amr?: readonly string[];
  /**
   * What discovery says ID tokens are signed with, `['RS256']` by default. Honest tokens are RS256 all the
   * same: announcing more is the attack that makes a client take weaker ones.
   */
  readonly announcedAlgorithms?: readonly string[];
  /** Whether its answers say whose they are (RFC 9207), and discovery that they do; true by default. */
  readonly namesItself?: boolean;
}

export interface LyingProvider extends Required<LyingProviderOptions> {
  /** `http://127.0.0.1:port` */
  readonly issuer: string;
  /** Tells this lie, and no other, from now on; `null` is the truth again. */
  lie(kind: Lie | null): void;
  /** Sends browsers back to these addresses and to no other from now on; to any before. */
  register(redirectUris: readonly string[]): void;
  /**
   * Mixes up: browsers are sent on to this authorization request of another provider, under the state
   * they came with. `null` ends it.
   */
  passOn(authorizationUrl: string | null): void;
  /** Every code its token endpoint was brought, its own and others'. */
  readonly broughtCodes: readonly string[];
  /** Resolves to the whole address it sends the browser back to. @throws Error when there is none. */
  authorize(authorizationUrl: string | URL): Promise<string>;
  stop(): Promise<void>;
}

/**
 * An OpenID Provider written by hand on node:http, to lie. Honest otherwise: it checks the client secret
 * (basic or post), requires PKCE with S256, takes a code once and only with its redirect URI, and signs
 * ID tokens with RS256. It shows no form: its one person has always just signed in.
 */
export async function startLyingProvider(
  options: LyingProviderOptions = {},
): Promise<LyingProvider> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const settings = {
    issuer: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    clientId: options.clientId ?? 'countersign',
    clientSecret: options.clientSecret ?? randomBytes(32).toString('base64url'),
    subject: options.subject ?? 'person-1',
    acr: options.acr ?? 'urn:example:mfa',
    amr: options.amr ?? ['pwd', 'otp', 'mfa'],
    announcedAlgorithms: options.announcedAlgorithms ?? ['RS256'],
    namesItself: options.namesItself ?? true,
  };
  const provider: State = {
    ...settings,
    lie: null,
    redirectUris: null,
    onward: null,
    broughtCodes: [],
    keys: generateKeys(),
    codes: new Map(),
  };
  server.on('request', (request, response) => {
    answer(provider, request, response).catch((error: unknown) =>
      response.writeHead(500).end(String(error)),
    );
  });
  return {
    ...settings,
    lie: (kind) => {
      provider.lie = kind;
    },
    register: (redirectUris) => {
      provider.redirectUris = redirectUris;
    },
    passOn: (authorizationUrl) => {
      provider.onward = authorizationUrl;
    },
    broughtCodes: provider.broughtCodes,
    authorize: async (authorizationUrl) => {
      const response = await fetch(authorizationUrl, { redirect: 'manual' });
      const location = response.headers.get('location');
      if (location === null) throw new Error(`${response.status}: ${await response.text()}`);
      return location;
    },
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

type Settings = Required<LyingProviderOptions> & { readonly issuer: string };

interface State extends Settings {
  lie: Lie | null;
  /** Null for any. */
  redirectUris: readonly string[] | null;
  onward: string | null;
  readonly broughtCodes: string[];
  readonly keys: SigningKeys;
  /** Authorization requests by the code they were answered with. */
  readonly codes: Map<string, URLSearchParams>;
}

function generateKeys(): SigningKeys {
  const published = generateKeyPairSync('rsa', { modulusLength: 2048 });
  return {
    kid: randomBytes(8).toString('base64url'),
    published: published.privateKey,
    publicPem: published.publicKey.export({ format: 'pem', type: 'spki' }).toString(),
    unpublished: generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey,
  };
}

async function answer(
  provider: State,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const url = new URL(request.url ?? '/', provider.issuer);
  switch (url.pathname) {
    case '/.well-known/openid-configuration':
      return sendJson(response, 200, discovery(provider));
    case '/jwks':
      return sendJson(response, 200, keySet(provider.keys));
    case '/authorize':
      return redirect(provider, url.searchParams, response);
    case '/token':
      return sendToken(provider, request, response);
    case '/userinfo':
      return sendJson(response, 200, userinfo(provider));
    default:
      response.writeHead(404).end();
  }
}

function discovery({ issuer, lie, announcedAlgorithms, namesItself }: State): object {
  return {
    issuer: lie === 'discovery-issuer-other' ? OTHER.issuer : issuer,
    authorization_endpoint: `${issuer}/authorize`,
    token_endpoint: `${issuer}/token`,
    userinfo_endpoint: `${issuer}/userinfo`,
    jwks_uri: `${issuer}/jwks`,
    response_types_supported: ['code'],
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: announcedAlgorithms,
    token_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post'],
    code_challenge_methods_supported: ['S256'],
    authorization_response_iss_parameter_supported: namesItself,
  };
}

function keySet({ kid, publicPem }: SigningKeys): object {
  const jwk = createPublicKey(publicPem).export({ format: 'jwk' });
  return { keys: [{ ...jwk, kid, alg: 'RS256', use: 'sig' }] };
}

function redirect(provider: State, asked: URLSearchParams, response: ServerResponse): void {
  const { issuer, clientId, lie, codes, onward, redirectUris, namesItself } = provider;
  if (onward !== null) {
    const elsewhere = new URL(onward);
    elsewhere.searchParams.set('state', asked.get('state') ?? '');
    response.writeHead(303, { location: elsewhere.href }).end();
    return;
  }
  const isAcceptable =
    asked.get('client_id') === clientId &&
    asked.get('response_type') === 'code' &&
    asked.get('code_challenge_method') === 'S256' &&
    asked.has('code_challenge');
  const target = asked.get('redirect_uri');
  if (!isAcceptable || target === null) {
    response.writeHead(400).end('an authorization request of this client with PKCE is expected');
    return;
  }
  if (redirectUris !== null && !redirectUris.includes(target)) {
    response.writeHead(400).end('this redirect URI is not registered');
    return;
  }
  const code = randomBytes(16).toString('base64url');
  codes.set(code, asked);
  const back = new URL(target);
  back.searchParams.set('code', code);
  const state = lie === 'redirect-state-other' ? 'of-another-request' : asked.get('state');
  if (state !== null && lie !== 'redirect-state-missing') back.searchParams.set('state', state);
  if (namesItself && lie !== 'redirect-iss-missing') {
    back.searchParams.set('iss', lie === 'redirect-iss-other' ? OTHER.issuer : issuer);
  }
  response.writeHead(303, { location: back.href }).end();
}

async function sendToken(
  provider: State,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { codes, broughtCodes, keys, lie } = provider;
  const form = new URLSearchParams(await text(request));
  if (!isClient(provider, request, form)) {
    return sendJson(response, 401, { error: 'invalid_client' });
  }
  const code = form.get('code') ?? '';
  broughtCodes.push(code);
  const asked = codes.get(code);
  if (lie !== 'code-reusable') codes.delete(code);
  if (asked === undefined || asked.get('redirect_uri') !== form.get('redirect_uri')) {
    return sendJson(response, 400, { error: 'invalid_grant' });
  }
  if (!isVerifierRight(asked, form.get('code_verifier') ?? '', lie)) {
    return sendJson(response, 400, { error: 'invalid_grant' });
  }
  const facts = { ...provider, nonce: asked.get('nonce'), now: new Date() };
  sendJson(response, 200, {
    access_token: randomBytes(16).toString('base64url'),
    token_type: 'Bearer',
    expires_in: 300,
    ...(lie === 'id-token-missing' ? {} : { id_token: signIdToken(facts, keys, lie) }),
  });
}

function isClient(
  { clientId, clientSecret }: State,
  request: IncomingMessage,
  form: URLSearchParams,
): boolean {
  const header = request.headers.authorization;
  if (header === undefined) {
    return form.get('client_id') === clientId && form.get('client_secret') === clientSecret;
  }
  const pair = Buffer.from(header.replace('Basic ', ''), 'base64').toString().split(':');
  // Form-encoded before they are joined: https://www.rfc-editor.org/rfc/rfc6749#section-2.3.1
  const [id, secret] = pair.map((part) => decodeURIComponent(part.replaceAll('+', ' ')));
  return id === clientId && secret === clientSecret;
}

/** @see https://www.rfc-editor.org/rfc/rfc7636#section-4.6 */
function isVerifierRight(asked: URLSearchParams, verifier: string, lie: Lie | null): boolean {
  if (lie === 'pkce-ignored') return true;
  if (lie === 'pkce-refused') return false;
  const challenge = createHash('sha256').update(verifier).digest('base64url');
  return challenge === asked.get('code_challenge');
}

/** Unsigned, and open to any access token: nothing here may raise what an ID token says. */
function userinfo({ subject, acr, lie }: State): object {
  return {
    sub: lie === 'sub-other' ? OTHER.subject : subject,
    ...(lie === 'acr-in-userinfo-only' ? { acr } : {}),
  };
}

function sendJson(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' });
  response.end(JSON.stringify(body));
}
