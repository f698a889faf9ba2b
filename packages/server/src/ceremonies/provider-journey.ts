import { createHash, createHmac } from 'node:crypto';
import type { Randomness, Unit } from './ports.ts';
import type {
  IdentityProvider,
  IdentityProviders,
  ProviderAnswer,
  ProviderJourney,
} from './provider-ports.ts';

/** Seconds a browser may take at the provider. */
export const JOURNEY_SECONDS = 600;

/** What one browser carries to a provider and back. */
export interface JourneySecrets {
  /** Kept by the browser in a cookie that no script reads; here only hashed. */
  readonly browser: string;
  readonly state: string;
}

export function newJourney(random: Randomness): JourneySecrets {
  return { browser: secretText(random), state: secretText(random) };
}

/** The stored form of either. */
export function journeyHash(value: string): Uint8Array {
  return createHash('sha256').update(value).digest();
}

/**
 * Nonce and PKCE verifier come from what the browser holds, so that nothing stored is of any use: not
 * to whoever reads the database, nor to whoever sees the address the browser is sent to.
 */
function derived({ browser, state }: JourneySecrets) {
  const derive = (name: string) =>
    createHmac('sha256', browser).update(`${name} ${state}`).digest('base64url');
  return { nonce: derive('nonce'), codeVerifier: derive('code verifier') };
}

/** Where to send the browser. */
export function journeyUrl(
  provider: IdentityProvider,
  secrets: JourneySecrets,
  asked: {
    readonly acrValues: readonly string[];
    readonly loginHint: string | null;
    readonly maxAgeSeconds: number;
  },
): Promise<string> {
  const { state } = secrets;
  return provider.authorizationUrl({ purpose: 'sign-in', state, ...derived(secrets), ...asked });
}

/** A journey that came back, taken once, with the provider it went to. */
export interface Returned {
  readonly journey: ProviderJourney;
  readonly provider: IdentityProvider;
  readonly secrets: JourneySecrets;
  /** Where it came back to, with the answer. */
  readonly returnUrl: URL;
}

/**
 * Takes the journey a returning browser began, at most once; null when there is none of this browser
 * and state, it took too long, or the tenant's provider has changed since.
 */
export async function takeJourney(
  unit: Unit,
  options: {
    readonly returnUrl: URL;
    readonly browser: string | null;
    /** The session that links; null for a sign-in. */
    readonly sid: string | null;
    readonly identityProviders: IdentityProviders;
  },
): Promise<Returned | null> {
  const { returnUrl, browser, sid, identityProviders } = options;
  const states = returnUrl.searchParams.getAll('state');
  const [state = ''] = states;
  if (states.length !== 1 || browser === null) return null;
  const journey = await unit.providerJourneys.take({
    stateHash: journeyHash(state),
    browserHash: journeyHash(browser),
    sid,
    now: unit.now,
  });
  if (journey === null) return null;
  const recorded = await unit.tenantProviders.find(journey.tenantId);
  if (recorded.version !== journey.providerVersion) return null;
  const provider = identityProviders.of(journey.tenantId, recorded);
  return provider === null ? null : { journey, provider, secrets: { browser, state }, returnUrl };
}

/** Asks the provider what the answer is worth; the network's work, outside any transaction. */
export function redeemJourney(
  { provider, secrets, returnUrl }: Returned,
  { mustBeFresh }: { readonly mustBeFresh: boolean },
): Promise<ProviderAnswer> {
  const { state } = secrets;
  return provider.redeem({
    purpose: 'sign-in',
    returnUrl,
    state,
    ...derived(secrets),
    mustBeFresh,
  });
}

function secretText(random: Randomness): string {
  return Buffer.from(random.bytes(32)).toString('base64url');
}
