import { judgeReauthentication } from '../factors/oidc.ts';
import { reaches } from '../policy/operation-requirement.ts';
import type { Factor, FactorContext } from './factor.ts';
import type { AuthenticationSession, Randomness, Unit } from './ports.ts';
import type { TenantProvider } from './provider-ports.ts';
import { bearerHash } from './sign-in.ts';
import type { BegunMethod } from './step-up-ports.ts';

type BegunProvider = Extract<BegunMethod, { method: 'idp' }>;

/** Re-authentication at the organisation's identity provider: authorization code with PKCE. */
export const providerFactor: Factor<'idp'> = {
  begin: async ({ unit, row, session, ports }) => {
    const recorded = await unit.tenantProviders.find(row.tenantId);
    const provider = ports.identityProviders.of(row.tenantId, recorded);
    if (provider === null || (await identityOf({ unit, row, session, ports })) === null) {
      return { kind: 'unavailable' };
    }
    const { policy } = await unit.policies.find(row.tenantId);
    const state = secretText(ports.random);
    const begun: BegunProvider = {
      method: 'idp',
      stateHash: hashOf(state),
      nonce: secretText(ports.random),
      codeVerifier: secretText(ports.random),
      startedAt: unit.now.toISOString(),
      providerVersion: recorded.version,
    };
    const { id, expiresAt } = row;
    if (!(await unit.stepUps.begin({ id, begun, now: unit.now, expiresAt }))) {
      return { kind: 'unavailable' };
    }
    const person = await unit.people.find(session.userId);
    const url = await provider.authorizationUrl({
      purpose: 'step-up',
      maxAgeSeconds: 0,
      state,
      nonce: begun.nonce,
      codeVerifier: begun.codeVerifier,
      acrValues: policy.identityProvider.acrValues,
      loginHint: person?.email ?? null,
    });
    return { kind: 'begun', options: { method: 'idp', url, state } };
  },
  verify: async (context, { claims, askedAt }) => {
    const { unit, row } = context;
    if ('refused' in claims) return { kind: 'rejected', reason: claims.refused };
    const identity = await identityOf(context);
    if (identity === null) return { kind: 'rejected', reason: 'no_authenticator' };
    const { policy } = await unit.policies.find(row.tenantId);
    const judged = judgeReauthentication({
      claims,
      expectedSubject: identity.subject,
      askedAt,
      now: unit.now,
      policy: policy.identityProvider,
    });
    if (judged.kind === 'rejected') return judged;
    const { confirmation } = judged;
    // The way that last worked is offered first: an answer too weak for the act is none that worked.
    if (reaches(confirmation, { acr: row.acr })) await unit.identities.use(identity.id, unit.now);
    return { kind: 'accepted', confirmation, authenticatorId: null, assertion: null };
  },
};

export interface TakenAnswer {
  readonly begun: BegunProvider;
  readonly state: string;
  /** What is recorded of the tenant's provider now. */
  readonly recorded: TenantProvider;
}

/**
 * Takes what `begin` left, at most once, if the answer carries its state. What follows is the network's
 * work and must not hold a transaction.
 */
export async function takeProviderAnswer(
  unit: Unit,
  { id, session, returnUrl }: { id: string; session: AuthenticationSession; returnUrl: URL },
): Promise<TakenAnswer | null> {
  const row = await unit.stepUps.lock(id, session.sid);
  const begun = row?.begun ?? null;
  const states = returnUrl.searchParams.getAll('state');
  const [state = ''] = states;
  const isAnswer = row !== null && begun?.method === 'idp' && states.length === 1;
  if (!isAnswer || hashOf(state) !== begun.stateHash) return null;
  await unit.stepUps.takeBegun(id);
  const recorded = await unit.tenantProviders.find(row.tenantId);
  // What was asked of one provider is not answered by the next.
  return recorded.version === begun.providerVersion ? { begun, state, recorded } : null;
}

async function identityOf({
  unit,
  row,
  session,
  ports,
}: Pick<FactorContext, 'unit' | 'row' | 'session' | 'ports'>) {
  const { tenantId } = row;
  const issuer = ports.identityProviders.issuerOf(await unit.tenantProviders.find(tenantId));
  return issuer === null ? null : unit.identities.find(session.userId, tenantId, issuer);
}

function secretText(random: Randomness): string {
  return Buffer.from(random.bytes(32)).toString('base64url');
}

function hashOf(state: string): string {
  return Buffer.from(bearerHash(state)).toString('base64url');
}
