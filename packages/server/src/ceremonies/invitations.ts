import type { Invitation } from './mailed-link-ports.ts';
import { linkMails, linkTo, notices } from './notices.ts';
import type { AuthenticationSession, Person, Randomness, RequestSource, Unit } from './ports.ts';
import { bearerHash, sourceFields } from './sign-in.ts';

/** How long an invitation can be accepted. */
export const INVITATION_SECONDS = 7 * 86_400;

export interface Invited {
  readonly id: string;
  readonly expiresAt: Date;
}

/** Mails an invitation: the same act whether or not the address has an account somewhere. */
export async function invite(
  unit: Unit,
  given: {
    readonly tenantId: string;
    readonly tenantName: string;
    readonly email: string;
    readonly role: 'administrator' | 'person';
    readonly invitedBy: Person;
    readonly baseUrl: string;
    readonly random: Randomness;
  },
): Promise<Invited> {
  const { tenantId, tenantName, email, role, invitedBy } = given;
  const token = Buffer.from(given.random.bytes(32)).toString('base64url');
  const expiresAt = new Date(unit.now.getTime() + INVITATION_SECONDS * 1000);
  const id = await unit.invitations.keep({
    tenantId,
    email,
    role,
    tokenHash: bearerHash(token),
    invitedBy: invitedBy.id,
    now: unit.now,
    expiresAt,
  });
  const link = linkTo(given.baseUrl, '/sign-in/invitation', token);
  await unit.notify(
    linkMails.invitation(email, unit.now, { invitedBy: invitedBy.name, tenantName, role, link }),
  );
  return { id, expiresAt };
}

/** What a link invites to, and how it is accepted; null when it does not work. */
export async function lookAtInvitation(
  unit: Unit,
  token: string,
): Promise<(Invitation & { readonly hasAccount: boolean }) | null> {
  const invitation = await unit.invitations.find(bearerHash(token), unit.now, 'to read');
  if (invitation === null) return null;
  const hasAccount = (await unit.people.findByEmail(invitation.email)) !== null;
  return { ...invitation, hasAccount };
}

interface Given {
  readonly token: string;
  readonly source: RequestSource;
}

export type NewAccount =
  | { readonly kind: 'made'; readonly email: string }
  | { readonly kind: 'rejected' | 'has_account' };

/**
 * Makes the account of an invited address, with its membership. An address that has an account is
 * refused: no link sets the password of somebody who is there already.
 */
export async function acceptAsNewPerson(
  unit: Unit,
  given: Given & { readonly name: string; readonly passwordHash: string },
): Promise<NewAccount> {
  const { source, name, passwordHash } = given;
  const invitation = await unit.invitations.find(bearerHash(given.token), unit.now, 'to accept');
  if (invitation === null) return refuse(unit, { source }, 'link_unknown');
  const { email, tenantId, tenantName, role } = invitation;
  const userId = await unit.people.create({ name, email, passwordHash, now: unit.now });
  if (userId === null) {
    await refuse(unit, { source, tenantId }, 'has_account');
    return { kind: 'has_account' };
  }
  await unit.people.join({ userId, tenantId, role, now: unit.now });
  await unit.invitations.end(invitation.id);
  await recordAccepted(unit, { invitation, userId, source, account: 'made' });
  await unit.notify(notices.accountMade(email, unit.now, { name, tenantName }));
  return { kind: 'made', email };
}

export type Joined =
  | { readonly kind: 'joined'; readonly invitation: Invitation; readonly isCurrent: boolean }
  | { readonly kind: 'rejected' | 'other_address' | 'already_member' | 'gone' };

/** Accepts an invitation in a session of the invited address, which it raises to nothing. */
export async function acceptInSession(
  unit: Unit,
  { token, source, session }: Given & { readonly session: AuthenticationSession },
): Promise<Joined> {
  const { userId, sid } = session;
  // The person first, as everything that ends sessions does.
  await unit.people.lock(userId, 'to end sign-ins');
  if ((await unit.sessions.lockForChange(sid)) === null) return { kind: 'gone' };
  const invitation = await unit.invitations.find(bearerHash(token), unit.now, 'to accept');
  if (invitation === null) return refuse(unit, { source, userId }, 'link_unknown');
  const { tenantId, role } = invitation;
  const person = await unit.people.find(userId);
  if (person?.email !== invitation.email) {
    await refuse(unit, { source, userId, tenantId }, 'other_address');
    return { kind: 'other_address' };
  }
  if (!(await unit.people.join({ userId, tenantId, role, now: unit.now }))) {
    await refuse(unit, { source, userId, tenantId }, 'already_member');
    return { kind: 'already_member' };
  }
  await unit.invitations.end(invitation.id);
  const isCurrent = await unit.sessions.enterTenant(sid, tenantId);
  await recordAccepted(unit, { invitation, userId, source, account: 'existing' });
  return { kind: 'joined', invitation, isCurrent };
}

/** Records that an invitation was not accepted. */
export async function refuse(
  unit: Unit,
  refused: {
    readonly source: RequestSource;
    readonly userId?: string;
    readonly tenantId?: string;
  },
  reason: 'link_unknown' | 'has_account' | 'other_address' | 'already_member',
): Promise<{ readonly kind: 'rejected' }> {
  const { source, userId = null, tenantId = null } = refused;
  await unit.record({
    event: 'invitation.accepted',
    outcome: 'denied',
    actorId: userId,
    tenantId,
    methods: ['email'],
    requestId: source.requestId,
    reason,
    personal: sourceFields(source),
  });
  return { kind: 'rejected' };
}

async function recordAccepted(
  unit: Unit,
  accepted: {
    readonly invitation: Invitation;
    readonly userId: string;
    readonly source: RequestSource;
    readonly account: 'made' | 'existing';
  },
): Promise<void> {
  const { invitation, userId, source, account } = accepted;
  await unit.record({
    event: 'invitation.accepted',
    outcome: 'success',
    actorId: userId,
    tenantId: invitation.tenantId,
    methods: ['email'],
    requestId: source.requestId,
    details: { invitationId: invitation.id, account, role: invitation.role },
    personal: { email: invitation.email, ...sourceFields(source) },
  });
}
