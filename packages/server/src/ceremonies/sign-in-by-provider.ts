import { judgeSignIn, type SignInJudgement } from '../factors/oidc.ts';
import type { RequestSource, Unit } from './ports.ts';
import type { Returned } from './provider-journey.ts';
import type {
  IdentityProvider,
  IdentityProviders,
  ProviderAnswer,
  ProviderClaims,
  ProviderRefused,
} from './provider-ports.ts';
import { type SignInBasis, sourceFields } from './sign-in.ts';

export interface FoundProvider {
  readonly tenantId: string;
  readonly version: number;
  readonly maxAgeSeconds: number;
  readonly provider: IdentityProvider;
  readonly acrValues: readonly string[];
}

/** The provider behind a name people type. A name nobody has, and a tenant without one, are alike: null. */
export async function findProvider(
  unit: Unit,
  signInName: string,
  identityProviders: IdentityProviders,
): Promise<FoundProvider | null> {
  const tenantId = await unit.tenantProviders.findByName(signInName);
  if (tenantId === null) return null;
  const recorded = await unit.tenantProviders.find(tenantId);
  const provider = identityProviders.of(tenantId, recorded);
  if (provider === null) return null;
  const { policy } = await unit.policies.find(tenantId);
  const { version, maxAgeSeconds } = recorded;
  const { acrValues } = policy.identityProvider;
  return { tenantId, version, maxAgeSeconds, provider, acrValues };
}

/** Whom a provider's answer signs in, at which level, and on what that rests. */
export interface VouchedFor {
  readonly userId: string;
  readonly tenantId: string;
  readonly aal: 1 | 2;
  readonly basis: SignInBasis;
  readonly event: AnswerEvent;
}

export type VouchRefusal = ProviderRefused['refused'] | 'auth_time_future' | 'identity_unknown';

/**
 * Judges an answer for a sign-in. It speaks for the one member of its tenant who linked the account; a
 * stranger's opens nothing, whatever address it names. Refusals are recorded here.
 */
export async function judgeProviderSignIn(
  unit: Unit,
  options: {
    readonly returned: Returned;
    readonly claims: ProviderAnswer;
    readonly source: RequestSource;
  },
): Promise<VouchedFor | VouchRefusal> {
  const { returned, claims, source } = options;
  const { tenantId, providerVersion } = returned.journey;
  const { issuer } = returned.provider;
  const refuse = async (reason: VouchRefusal, subject?: string): Promise<VouchRefusal> => {
    await recordRefusedAnswer(unit, {
      tenantId,
      source,
      reason,
      ...(subject === undefined ? {} : { subject }),
    });
    return reason;
  };
  if ('refused' in claims) return refuse(claims.refused);
  const { policy } = await unit.policies.find(tenantId);
  const { maxAgeSeconds } = await unit.tenantProviders.find(tenantId);
  const judged = judgeSignIn({
    claims,
    now: unit.now,
    maxAgeSeconds,
    policy: policy.identityProvider,
  });
  if (judged.kind === 'rejected') return refuse(judged.reason);
  const identity = await unit.identities.findMember(tenantId, issuer, claims.subject);
  if (identity === null) return refuse('identity_unknown', claims.subject);
  const { userId, id: identityId } = identity;
  return {
    userId,
    tenantId,
    aal: judged.aal,
    basis: { identityId, tenantId, providerVersion },
    event: { userId, tenantId, issuer, claims, judged, source, identityId },
  };
}

interface AnswerEvent {
  readonly userId: string;
  readonly tenantId: string;
  readonly identityId: string;
  readonly issuer: string;
  readonly claims: ProviderClaims;
  readonly judged: Extract<SignInJudgement, { kind: 'accepted' }>;
  readonly source: RequestSource;
}

/** Records what the provider said, and what policy made of it, apart from the sign-in itself. */
export async function recordAnswer(unit: Unit, event: AnswerEvent): Promise<void> {
  const { userId, tenantId, issuer, claims, judged, source } = event;
  await unit.identities.use(event.identityId, unit.now);
  await unit.record({
    event: 'identity-provider.answered',
    outcome: 'success',
    actorId: userId,
    tenantId,
    aal: judged.aal,
    methods: ['idp'],
    requestId: source.requestId,
    details: {
      issuer,
      acr: claims.acr?.slice(0, 200) ?? null,
      amr: claims.amr.join(' ').slice(0, 200),
      because: judged.reason,
    },
    personal: sourceFields(source),
  });
}

export async function recordRefusedAnswer(
  unit: Unit,
  refused: {
    readonly tenantId: string | null;
    readonly source: RequestSource;
    readonly reason: VouchRefusal | 'not_begun';
    readonly subject?: string;
  },
): Promise<void> {
  const { tenantId, source, reason, subject } = refused;
  await unit.record({
    event: 'identity-provider.answered',
    outcome: 'failure',
    tenantId,
    methods: ['idp'],
    requestId: source.requestId,
    reason,
    personal: sourceFields(source),
    // Somebody's account elsewhere, which they did not link to anything here.
    ...(subject === undefined ? {} : { unkept: { subject } }),
  });
}
