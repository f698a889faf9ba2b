/** An account at a tenant's identity provider. */
export interface ProviderIdentity {
  readonly id: string;
  readonly issuer: string;
  readonly subject: string;
  readonly lastUsedAt: Date | null;
}

/** What a provider said, after its signature and every binding to the request were checked. */
export interface ProviderClaims {
  readonly subject: string;
  readonly authTime: Date | null;
  readonly acr: string | null;
  readonly amr: readonly string[];
}

export type ProviderAnswer = ProviderClaims | ProviderRefused;

/** `wrong_redirect`: it came to another provider's address, which is how providers are mixed up. */
export interface ProviderRefused {
  readonly refused: 'provider_refused' | 'wrong_redirect';
}

/** What the browser is sent to a provider for; each comes back to a page of its own. */
export type ProviderPurpose = 'step-up' | 'sign-in';

/** Where one provider sends the browser back to, and no other does. */
export type RedirectUris = Readonly<Record<ProviderPurpose, string>>;

/**
 * An OpenID Provider, behind a port. `redeem` does the network's work, outside any transaction; before
 * anything else it verifies that the answer came to the provider's own address for the purpose, and then
 * issuer, audience, azp, algorithm, signature, expiry, nonce, state and PKCE.
 */
export interface IdentityProvider {
  readonly issuer: string;
  /** Finds the provider, where it was not found before. @throws when it does not answer as it must */
  ready(): Promise<void>;
  authorizationUrl(options: {
    readonly purpose: ProviderPurpose;
    readonly state: string;
    readonly nonce: string;
    readonly codeVerifier: string;
    readonly acrValues: readonly string[];
    readonly loginHint: string | null;
    /** How old a sign-in at the provider may be; at 0 the person signs in again. */
    readonly maxAgeSeconds: number;
  }): Promise<string>;
  /** The claims, or that anything at all is not as it must be. */
  redeem(options: {
    readonly purpose: ProviderPurpose;
    /** Where the provider sent the browser back to, with all it brought. */
    readonly returnUrl: URL;
    readonly state: string;
    readonly nonce: string;
    readonly codeVerifier: string;
    /** Whether an answer without a recent `auth_time` is refused outright. */
    readonly mustBeFresh: boolean;
  }): Promise<ProviderAnswer>;
}

/** A tenant's own provider as its administrators recorded it. */
export interface OwnProvider {
  readonly issuer: string;
  readonly clientId: string;
  readonly sealedSecret: string;
}

export interface TenantProvider {
  /** Rises with each change; 0 when nobody recorded anything. */
  readonly version: number;
  readonly signInName: string | null;
  readonly maxAgeSeconds: number;
  /** Null where the tenant has the installation's provider, or none. */
  readonly own: OwnProvider | null;
}

/** Which provider vouches for a tenant's people. */
export interface IdentityProviders {
  /** The installation's own, for tenants that recorded none; null without one. */
  readonly installation: IdentityProvider | null;
  /** To be registered at a provider of the tenant's own. */
  redirectUrisOf(tenantId: string): RedirectUris;
  /** The issuer a tenant uses; null where it has none. */
  issuerOf(recorded: TenantProvider): string | null;
  /**
   * The tenant's provider, one object for each version of what was recorded.
   * @throws when its secret cannot be opened: nobody is vouched for then
   */
  of(tenantId: string, recorded: TenantProvider): IdentityProvider | null;
  /** Seals a client secret for one tenant, issuer and client; it opens for no other. */
  seal(client: SealedFor, secret: string): string;
  /** Why an issuer may not be recorded, or null. */
  issuerFault(issuer: string): 'not_a_url' | 'not_https' | 'not_a_host' | null;
}

export interface SealedFor {
  readonly tenantId: string;
  readonly issuer: string;
  readonly clientId: string;
}

export interface TenantProviderStore {
  find(tenantId: string): Promise<TenantProvider>;
  /** Whether `version` is what is recorded; it stays so to the transaction's end. */
  isCurrent(tenantId: string, version: number): Promise<boolean>;
  /** The tenant that is signed in to by this name, while it lives. */
  findByName(signInName: string): Promise<string | null>;
  /** Compare-and-set by version: `taken` when another tenant has the name. */
  change(
    tenantId: string,
    expectedVersion: number,
    provider: Omit<TenantProvider, 'version'>,
  ): Promise<'changed' | 'outdated' | 'taken'>;
}

export interface IdentityStore {
  find(userId: string, tenantId: string, issuer: string): Promise<ProviderIdentity | null>;
  /** Whom a tenant's provider means by a subject: a member of the tenant, or null. */
  findMember(
    tenantId: string,
    issuer: string,
    subject: string,
  ): Promise<{ readonly id: string; readonly userId: string } | null>;
  /** Whether it was not unlinked; it stays linked to the transaction's end. */
  isKept(id: string): Promise<boolean>;
  use(id: string, now: Date): Promise<void>;
  /** Links; null when the account, or the person at this issuer, is linked already. */
  link(identity: {
    readonly userId: string;
    readonly tenantId: string;
    readonly issuer: string;
    readonly subject: string;
    readonly now: Date;
  }): Promise<string | null>;
  /** Unlinks one of the person's in the tenant; its issuer, or null. */
  unlink(id: string, userId: string, tenantId: string): Promise<string | null>;
}

/** A browser that was sent to a provider. */
export interface ProviderJourney {
  readonly tenantId: string;
  readonly userId: string | null;
  readonly providerVersion: number;
  readonly askedAt: Date;
}

export interface ProviderJourneyStore {
  /** Remembers a browser that signs in. */
  open(journey: {
    readonly tenantId: string;
    readonly stateHash: Uint8Array;
    readonly browserHash: Uint8Array;
    readonly providerVersion: number;
    readonly now: Date;
    readonly expiresAt: Date;
  }): Promise<void>;
  /** Allows one session to link, once; replaces what it was allowed before. */
  allow(link: {
    readonly sid: string;
    readonly userId: string;
    readonly tenantId: string;
    readonly expiresAt: Date;
  }): Promise<void>;
  /** Sends a session that may link on its way, once; compare-and-set: false when it may not. */
  depart(link: {
    readonly sid: string;
    readonly stateHash: Uint8Array;
    readonly browserHash: Uint8Array;
    readonly providerVersion: number;
    readonly now: Date;
  }): Promise<boolean>;
  /**
   * Takes a journey, at most once, while it lives; null unless state and browser are its own. `sid` is
   * the session that links, null for a sign-in.
   */
  take(answer: {
    readonly stateHash: Uint8Array;
    readonly browserHash: Uint8Array;
    readonly sid: string | null;
    readonly now: Date;
  }): Promise<ProviderJourney | null>;
}
