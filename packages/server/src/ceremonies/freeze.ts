import { forgetDevices } from './known-device.ts';
import { notices } from './notices.ts';
import type { Person, RequestSource, Unit } from './ports.ts';
import type { Repudiation } from './repudiation.ts';
import { sourceFields } from './sign-in.ts';

/**
 * Freezes an account by the link of a mail to its person: every session, unfinished sign-in, begun
 * enrolment and known device ends, and nothing of the kind begins before an administrator has looked.
 * A link works until the account is let in again; links made before that are spent.
 */
export async function freezeByLink(
  unit: Unit,
  { link, source }: { readonly link: Repudiation; readonly source: RequestSource },
): Promise<'frozen' | 'already' | 'spent'> {
  const { userId, madeAt } = link;
  const person = await unit.people.find(userId);
  if (person === null) return 'spent';
  // Whoever is signing in has opened their session before this, or finds the account frozen.
  await unit.people.lock(userId, 'to end sign-ins');
  const result = await unit.freezes.freeze(userId, { linkMadeAt: madeAt, now: unit.now });
  if (result === 'already') return result;
  const tenantId = await unit.people.firstTenant(userId);
  const fields = {
    actorId: userId,
    tenantId,
    requestId: source.requestId,
    personal: sourceFields(source),
  };
  if (result === 'spent') {
    const reason = 'link_spent';
    await unit.record({ event: 'account.frozen', outcome: 'denied', ...fields, reason });
    return result;
  }
  await unit.record({ event: 'account.frozen', outcome: 'success', ...fields });
  await unit.pendingSignIns.endAll(userId);
  await unit.authenticators.endEnrolments(userId);
  // Whoever was in the account may hold a link to its password, or have sent themselves an invitation.
  await unit.passwordResets.end(userId);
  await unit.invitations.endSentBy(userId);
  const reason = 'account_frozen';
  for (const sid of await unit.sessions.endAll(userId, null, reason, unit.now)) {
    const ended = { event: 'session.ended', outcome: 'success', ...fields, reason } as const;
    await unit.record({ ...ended, details: { sid } });
  }
  await forgetDevices(unit, { userId, tenantId, source, reason, isBrowserSpared: false });
  await tell(unit, person, tenantId);
  return result;
}

async function tell(unit: Unit, person: Person, tenantId: string | null): Promise<void> {
  await unit.notify(notices.accountFrozen(person, unit.now));
  const administrators = tenantId === null ? [] : await unit.people.administrators(tenantId);
  for (const administrator of administrators) {
    if (administrator.id === person.id) continue;
    await unit.notify(notices.memberFrozen(administrator, unit.now, person));
  }
}
