import { randomBytes, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { Provider } from 'oidc-provider';
import type { IdentityProviderSettings } from '../environment.ts';
import { type DemoAccount, type DemoProviderFile, keepDemoProvider } from './provider-file.ts';
import { loginPage } from './provider-page.ts';
import { providerStorage } from './provider-storage.ts';

export interface DemoIdentityProvider {
  readonly settings: IdentityProviderSettings;
  /** Where the accounts' passwords and PINs are kept. */
  readonly file: string;
  stop(): Promise<void>;
}

/**
 * A real OpenID Provider on the loopback for the demo tenant, as an organisation would have one of its
 * own. With the password alone it says `amr: pwd`; with the PIN as well `amr: pwd pin mfa`.
 */
export async function startDemoIdentityProvider(options: {
  readonly dataDir: string;
  readonly redirectUris: readonly string[];
  readonly emails: readonly string[];
}): Promise<DemoIdentityProvider> {
  const server = createServer();
  const kept = keepDemoProvider(options);
  const port = await listen(server, kept.content.port);
  kept.savePort(port);
  const { content } = kept;
  const issuer = `http://127.0.0.1:${port}`;
  const provider = new Provider(issuer, configuration(content, options.redirectUris));
  const handle = provider.callback();
  server.on('request', (request, response) => {
    if (request.url?.startsWith('/interaction/') !== true) {
      void handle(request, response);
      return;
    }
    interact(provider, content.accounts, { request, response }).catch(() =>
      response.writeHead(400, { 'content-type': 'text/plain' }).end('This sign-in ran out.'),
    );
  });
  return {
    settings: { issuer, clientId: content.clientId, clientSecret: content.clientSecret },
    file: kept.file,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function configuration(
  { clientId, clientSecret, jwk }: DemoProviderFile,
  redirectUris: readonly string[],
): ConstructorParameters<typeof Provider>[1] {
  return {
    adapter: providerStorage(),
    claims: { openid: ['sub', 'acr', 'amr', 'auth_time'] },
    clients: [
      {
        client_id: clientId,
        client_secret: clientSecret,
        redirect_uris: [...redirectUris],
        grant_types: ['authorization_code'],
        response_types: ['code'],
        token_endpoint_auth_method: 'client_secret_basic',
      },
    ],
    clientAuthMethods: ['client_secret_basic'],
    cookies: { keys: [randomBytes(32).toString('base64url')] },
    features: { devInteractions: { enabled: false } },
    findAccount: (_, sub) => ({ accountId: sub, claims: () => ({ sub }) }),
    interactions: { url: (_, { uid }) => `/interaction/${uid}` },
    jwks: { keys: [jwk as never] },
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

async function interact(
  provider: Provider,
  accounts: readonly DemoAccount[],
  { request, response }: { request: IncomingMessage; response: ServerResponse },
): Promise<void> {
  const { params } = await provider.interactionDetails(request, response);
  const hint = typeof params['login_hint'] === 'string' ? params['login_hint'] : '';
  if (request.method !== 'POST') return loginPage(response, { email: hint, notice: '' });
  const typed = new URLSearchParams(await text(request));
  if (typed.has('cancel')) {
    return provider.interactionFinished(request, response, { error: 'access_denied' });
  }
  const email = (typed.get('email') ?? '').trim().toLowerCase();
  const account = accounts.find((it) => it.email === email);
  const pin = typed.get('pin') ?? '';
  const isRight =
    account !== undefined &&
    isSame(typed.get('password') ?? '', account.password) &&
    (pin === '' || isSame(pin, account.pin));
  if (!isRight) return loginPage(response, { email, notice: 'That was not right. Try again.' });
  const amr = pin === '' ? ['pwd'] : ['pwd', 'pin', 'mfa'];
  await provider.interactionFinished(request, response, { login: { accountId: email, amr } });
}

function isSame(given: string, expected: string): boolean {
  const one = Buffer.from(given);
  const other = Buffer.from(expected);
  return one.length === other.length && timingSafeEqual(one, other);
}

/** The port of last time, so that the issuer stays what it was; another where that one is taken. */
async function listen(server: Server, wanted: number): Promise<number> {
  const on = (port: number): Promise<number> =>
    new Promise((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, '127.0.0.1', () => resolve((server.address() as AddressInfo).port));
    });
  return wanted === 0 ? on(0) : on(wanted).catch(() => on(0));
}
