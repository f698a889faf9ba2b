import { judgeReauthentication } from '../factors/oidc.ts';
import { reaches } from '../policy/operation-requirement.ts';
import type { Factor, FactorContext } from './factor.ts';
import type { AuthenticationSession, Randomness, Unit } from './ports.ts';
import { bearerHash } from './sign-in.ts';
import type { BegunMethod } from './step-up-ports.ts';

type BegunProvider = Extract<BegunMethod, { method: 'idp' }>;

/** Re-authentication at the organisation's identity provider: authorization code with PKCE. */
export const providerFactor: Factor<'idp'> = {
  begin: async ({ unit, row, session, ports }) => {
    const { identityProvider } = ports;
    if (identityProvider === null || (await identityOf({ unit, row, session, ports })) === null) {
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
    };
    const { id, expiresAt } = row;
    if (!(await unit.stepUps.begin({ id, begun, now: unit.now, expiresAt }))) {
      return { kind: 'unavailable' };
    }
    const person = await unit.people.find(session.userId);
    const url = await identityProvider.authorizationUrl({
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
    if ('refused' in claims) return { kind: 'rejected', reason: 'provider_refused' };
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

/**
 * Takes what `begin` left, at most once, if the answer carries its state. What follows is the network's
 * work and must not hold a transaction.
 */
export async function takeProviderAnswer(
  unit: Unit,
  { id, session, query }: { id: string; session: AuthenticationSession; query: string },
): Promise<{ readonly begun: BegunProvider; readonly state: string } | null> {
  const row = await unit.stepUps.lock(id, session.sid);
  const begun = row?.begun ?? null;
  const states = new URLSearchParams(query).getAll('state');
  const [state = ''] = states;
  const isAnswer = begun?.method === 'idp' && states.length === 1;
  if (!isAnswer || hashOf(state) !== begun.stateHash) return null;
  await unit.stepUps.takeBegun(id);
  return { begun, state };
}

function identityOf({
  unit,
  row,
  session,
  ports,
}: Pick<FactorContext, 'unit' | 'row' | 'session' | 'ports'>) {
  const { identityProvider } = ports;
  return identityProvider === null
    ? Promise.resolve(null)
    : unit.identities.find(session.userId, row.tenantId, identityProvider.issuer);
}

function secretText(random: Randomness): string {
  return Buffer.from(random.bytes(32)).toString('base64url');
}

function hashOf(state: string): string {
  return Buffer.from(bearerHash(state)).toString('base64url');
}
