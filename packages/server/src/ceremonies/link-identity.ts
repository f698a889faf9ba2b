import { judgeReauthentication } from '../factors/oidc.ts';
import { endOthers } from './enrolment.ts';
import { notices } from './notices.ts';
import type { AuthenticationSession, RequestSource, Unit } from './ports.ts';
import type { Returned } from './provider-journey.ts';
import type { ProviderAnswer, ProviderRefused } from './provider-ports.ts';
import { sourceFields } from './sign-in.ts';

interface Actor {
  readonly session: AuthenticationSession;
  readonly source: RequestSource;
}

export type LinkRefusal =
  | 'not_begun'
  | ProviderRefused['refused']
  | 'auth_time_missing'
  | 'auth_time_old'
  | 'auth_time_future'
  | 'session_over'
  | 'provider_replaced'
  | 'linked_already';

export type Linking =
  | { readonly kind: 'linked'; readonly id: string }
  | { readonly kind: 'refused'; readonly reason: LinkRefusal };

/**
 * Links the account that the person has just signed in to at the provider. Both are proved: the person
 * here, by an authenticator of their own, when they were allowed to link; the account there, since. Other
 * sessions end, as with any way to sign in that is added.
 */
export async function linkIdentity(
  unit: Unit,
  options: Actor & {
    readonly returned: Returned;
    readonly claims: ProviderAnswer;
  },
): Promise<Linking> {
  const { session, source, returned, claims } = options;
  const { tenantId, askedAt, providerVersion } = returned.journey;
  const { issuer } = returned.provider;
  const { userId } = session;
  const actor = { session, source };
  if ('refused' in claims) return refuseLink(unit, actor, claims.refused);
  const { policy } = await unit.policies.find(tenantId);
  const judged = judgeReauthentication({
    claims,
    // Whoever it is: linking says who.
    expectedSubject: claims.subject,
    askedAt,
    now: unit.now,
    policy: policy.identityProvider,
  });
  if (judged.kind === 'rejected') {
    const reason = judged.reason === 'wrong_subject' ? 'provider_refused' : judged.reason;
    return refuseLink(unit, actor, reason);
  }
  await unit.people.lock(userId, 'to end sign-ins');
  if ((await unit.sessions.lockForChange(session.sid)) === null) {
    return refuseLink(unit, actor, 'session_over');
  }
  // Its word was fetched outside this transaction, and another provider may have been recorded since.
  if (!(await unit.tenantProviders.isCurrent(tenantId, providerVersion))) {
    return refuseLink(unit, actor, 'provider_replaced');
  }
  const { subject } = claims;
  const id = await unit.identities.link({ userId, tenantId, issuer, subject, now: unit.now });
  if (id === null) return refuseLink(unit, actor, 'linked_already');
  await unit.record({
    event: 'identity.linked',
    outcome: 'success',
    ...fieldsOf(actor),
    details: { identityId: id, issuer },
    personal: { subject, ...sourceFields(source) },
  });
  await endOthers(unit, actor, 'identity_linked');
  const person = await unit.people.find(userId);
  if (person !== null) await unit.notify(notices.identityLinked(person, unit.now, issuer));
  return { kind: 'linked', id };
}

/** Takes a linked account away, and every other session and unfinished sign-in with it. */
export async function unlinkIdentity(
  unit: Unit,
  { id, session, source }: Actor & { readonly id: string },
): Promise<boolean> {
  const { userId, tenantId } = session;
  if (tenantId === null) return false;
  const actor = { session, source };
  await unit.people.lock(userId, 'to end sign-ins');
  const issuer = await unit.identities.unlink(id, userId, tenantId);
  if (issuer === null) return false;
  await unit.sessions.closeWindows(userId);
  await unit.record({
    event: 'identity.unlinked',
    outcome: 'success',
    ...fieldsOf(actor),
    details: { identityId: id, issuer },
  });
  await endOthers(unit, actor, 'identity_unlinked');
  const person = await unit.people.find(userId);
  if (person !== null) await unit.notify(notices.identityUnlinked(person, unit.now, issuer));
  return true;
}

export async function refuseLink(
  unit: Unit,
  actor: Actor,
  reason: LinkRefusal,
): Promise<Extract<Linking, { kind: 'refused' }>> {
  await unit.record({
    event: 'identity.linked',
    outcome: 'failure',
    ...fieldsOf(actor),
    reason,
  });
  return { kind: 'refused', reason };
}

function fieldsOf({ session, source }: Actor) {
  return {
    actorId: session.userId,
    tenantId: session.tenantId,
    aal: session.aal,
    methods: ['idp'] as const,
    requestId: source.requestId,
    personal: sourceFields(source),
  };
}
