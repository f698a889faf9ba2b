import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { type Configuration, type JWK, Provider } from 'oidc-provider';
import { providerStorage } from '../../apps/portal/server/demo/provider-storage.ts';
import { LoginBrowser } from './login-browser.ts';

export interface ProviderClient {
  readonly clientId: string;
  readonly clientSecret: string;
  readonly redirectUri: string;
  /** Others it may send the browser back to. */
  readonly furtherRedirectUris?: readonly string[];
  /** How the client sends its secret; `client_secret_basic`, the standard's default, otherwise. */
  readonly authMethod?: 'client_secret_basic' | 'client_secret_post';
}

export interface ProviderAccount {
  /** Also what is typed as the username. */
  readonly sub: string;
  readonly acr?: string;
  readonly amr?: readonly string[];
}

export interface IdentityProvider {
  /** `http://127.0.0.1:port`: another site than the portal's `localhost`. */
  readonly issuer: string;
  /** How many times somebody signed in by the form; a request answered from the session counts nothing. */
  readonly logins: number;
  /** Who signs in at the next `authorize`; `null` cancels at the form. */
  signInAs(sub: string | null): void;
  /**
   * Goes through an authorization request in one browser that keeps its session with the provider.
   * Resolves to the whole address it is sent back to, with `code=…&state=…&iss=…` or `error=…`.
   *
   * @throws Error when the provider shows a page instead, with what it says.
   */
  authorize(authorizationUrl: string | URL): Promise<string>;
  stop(): Promise<void>;
}

/**
 * An OpenID Provider (oidc-provider) on a free port of the loopback. It asks for the username alone,
 * in a form that a person or a real browser can use as well; requires PKCE with S256; gives `auth_time`,
 * `acr` and `amr` in the ID token; and shows the form again for `prompt=login`.
 */
export async function startIdentityProvider(options: {
  readonly clients: readonly ProviderClient[];
  readonly accounts: readonly ProviderAccount[];
}): Promise<IdentityProvider> {
  const accounts = new Map(options.accounts.map((account) => [account.sub, account]));
  const browser = new LoginBrowser();
  const server = createServer();
  const issuer = `http://127.0.0.1:${await listen(server)}`;
  const provider = new Provider(issuer, configuration(options));
  const handle = provider.callback();
  let username: string | null = options.accounts[0]?.sub ?? null;
  let logins = 0;
  server.on('request', (request, response) => {
    if (request.url?.startsWith('/interaction/') !== true) {
      void handle(request, response);
      return;
    }
    interact(
      {
        provider,
        accounts,
        onLogin: () => {
          logins += 1;
        },
      },
      request,
      response,
    ).catch((error: unknown) => response.writeHead(400).end(String(error)));
  });
  return {
    issuer,
    get logins() {
      return logins;
    },
    signInAs: (sub) => {
      username = sub;
    },
    authorize: (authorizationUrl) => browser.authorize(authorizationUrl, username),
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function configuration(options: {
  readonly clients: readonly ProviderClient[];
  readonly accounts: readonly ProviderAccount[];
}): Configuration {
  const methodOf = (client: ProviderClient) => client.authMethod ?? 'client_secret_basic';
  return {
    adapter: providerStorage(),
    acrValues: [...new Set(options.accounts.flatMap(({ acr }) => acr ?? []))],
    claims: { openid: ['sub', 'acr', 'amr', 'auth_time'] },
    clientAuthMethods: [...new Set(options.clients.map(methodOf))],
    clients: options.clients.map((client) => ({
      client_id: client.clientId,
      client_secret: client.clientSecret,
      redirect_uris: [client.redirectUri, ...(client.furtherRedirectUris ?? [])],
      grant_types: ['authorization_code'],
      response_types: ['code'],
      token_endpoint_auth_method: methodOf(client),
    })),
    cookies: { keys: [randomBytes(32).toString('base64url')] },
    features: { devInteractions: { enabled: false } },
    findAccount: (_, sub) => ({ accountId: sub, claims: () => ({ sub }) }),
    interactions: { url: (_, { uid }) => `/interaction/${uid}` },
    jwks: { keys: [signingKey()] },
    // Everybody has consented: nobody is asked.
    loadExistingGrant: async ({ oidc }) => {
      const grant = new oidc.provider.Grant({
        clientId: oidc.client?.clientId,
        accountId: oidc.session?.accountId,
      });
      grant.addOIDCScope('openid');
      await grant.save();
      return grant;
    },
    pkce: { required: () => true },
    renderError: (ctx, out) => {
      ctx.type = 'text/plain';
      ctx.body = `${out.error}: ${out.error_description ?? ''}`;
    },
    scopes: ['openid'],
    ttl: {
      AccessToken: 600,
      AuthorizationCode: 60,
      Grant: 3600,
      IdToken: 600,
      Interaction: 600,
      Session: 3600,
    },
  };
}

function signingKey(): JWK {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const kid = randomBytes(8).toString('base64url');
  return { ...privateKey.export({ format: 'jwk' }), alg: 'RS256', use: 'sig', kid } as JWK;
}

interface Desk {
  readonly provider: Provider;
  readonly accounts: ReadonlyMap<string, ProviderAccount>;
  onLogin(): void;
}

/** Shows the form, or takes what was typed into it. */
async function interact(
  { provider, accounts, onLogin }: Desk,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  await provider.interactionDetails(request, response);
  if (request.method !== 'POST') return show(response, '');
  const typed = new URLSearchParams(await text(request));
  if (typed.has('cancel')) {
    return provider.interactionFinished(request, response, {
      error: 'access_denied',
      error_description: 'the person cancelled',
    });
  }
  const account = accounts.get(typed.get('username') ?? '');
  if (account === undefined) return show(response, 'There is nobody of that name.');
  onLogin();
  return provider.interactionFinished(request, response, {
    login: {
      accountId: account.sub,
      ...(account.acr === undefined ? {} : { acr: account.acr }),
      ...(account.amr === undefined ? {} : { amr: [...account.amr] }),
    },
  });
}

function show(response: ServerResponse, notice: string): void {
  response.writeHead(200, {
    'content-type': 'text/html; charset=utf-8',
    'cache-control': 'no-store',
  });
  response.end(`<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>Sign in to your organisation</title>
<h1>Sign in to your organisation</h1>
<p role="alert">${notice}</p>
<form method="post">
  <label>Username <input name="username" autocomplete="username" autofocus></label>
  <button>Sign in</button>
  <button name="cancel" value="yes">Cancel</button>
</form>
</html>
`);
}

function listen(server: Server): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port));
  });
}
