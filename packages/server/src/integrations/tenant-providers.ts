import type {
  IdentityProvider,
  IdentityProviders,
  TenantProvider,
} from '../ceremonies/provider-ports.ts';
import { openidProvider } from './openid-provider.ts';
import { providerUrlFault } from './provider-fetch.ts';
import { redirectUrisOf } from './redirect-uris.ts';
import { openSecret, sealSecret } from './sealed-secret.ts';

export interface TenantProvidersOptions {
  /** The portal's own origin, without a trailing slash. */
  readonly baseUrl: string;
  /** The provider of tenants that recorded none. */
  readonly installation: {
    readonly issuer: string;
    readonly clientId: string;
    readonly clientSecret: string;
  } | null;
  /** 32 bytes each, from the versioned secret, the current one first. */
  readonly sealKeys: readonly Uint8Array[];
}

interface Kept {
  readonly version: number;
  readonly sealedSecret: string;
  readonly provider: IdentityProvider;
}

/** Providers kept ready; beyond them the one asked for longest ago is found anew. */
const MAX_KEPT = 500;

/** Speaks to each tenant's provider, made once for each version of what its administrators recorded. */
export function tenantProviders(options: TenantProvidersOptions): IdentityProviders {
  const { baseUrl, sealKeys } = options;
  const installation =
    options.installation === null
      ? null
      : // Whoever sets up the installation knows where its provider is.
        openidProvider({
          ...options.installation,
          redirectUris: redirectUrisOf(baseUrl, null),
          mayReach: () => true,
        });
  const kept = new Map<string, Kept>();
  return {
    installation,
    redirectUrisOf: (tenantId) => redirectUrisOf(baseUrl, tenantId),
    issuerOf: ({ own }) => own?.issuer ?? installation?.issuer ?? null,
    of: (tenantId, recorded) => {
      const { own, version } = recorded;
      if (own === null) return installation;
      const known = kept.get(tenantId);
      kept.delete(tenantId);
      // No two seals are alike: a version that was tried and never recorded is told from its successor.
      const isKnown = known?.version === version && known.sealedSecret === own.sealedSecret;
      const provider = isKnown ? known.provider : openOwn(tenantId, own);
      kept.set(tenantId, { version, sealedSecret: own.sealedSecret, provider });
      forgetOldest(kept);
      return provider;
    },
    seal: (sealedFor, secret) => sealSecret(sealKeys, secret, sealedFor),
    issuerFault: (issuer) => {
      const hasQuery = URL.parse(issuer)?.search !== '';
      return providerUrlFault(issuer, baseUrl) ?? (hasQuery ? 'not_a_url' : null);
    },
  };

  function openOwn(tenantId: string, own: NonNullable<TenantProvider['own']>): IdentityProvider {
    const { issuer, clientId, sealedSecret } = own;
    const clientSecret = openSecret(sealKeys, sealedSecret, { tenantId, issuer, clientId });
    const mayReach = (address: string) => providerUrlFault(address, baseUrl) === null;
    const redirectUris = redirectUrisOf(baseUrl, tenantId);
    return openidProvider({ issuer, clientId, clientSecret, redirectUris, mayReach });
  }
}

function forgetOldest(kept: Map<string, unknown>): void {
  const [oldest] = kept.keys();
  if (kept.size > MAX_KEPT && oldest !== undefined) kept.delete(oldest);
}
