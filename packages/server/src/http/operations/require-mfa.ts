import { z } from 'zod';
import { notices } from '../../ceremonies/notices.ts';
import { operation } from '../../ceremonies/operation.ts';
import { type MemberMfa, memberMfaSchema } from '../../contract/index.ts';
import { findRuledMember, writeMemberRule } from '../../storage/member-rule.ts';
import type { Tx } from '../../storage/transaction.ts';
import { ActRefused } from '../run-guarded.ts';
import type { AccountOperation } from './account-operation.ts';
import { type Effect, effectOn } from './asked-authenticators.ts';
import { beforeAndAfter, describeBeginning } from './describe-policy.ts';

const schema = z.strictObject({
  id: z.string().min(1).max(100),
  ...memberMfaSchema.shape,
});

type Parameters = z.infer<typeof schema>;

/**
 * Asks one member for more than is asked of everyone, or no longer does. Of all that is asked of them the
 * strictest holds: nothing here makes anything easier than it is for others.
 */
export const requireMfaOperation: AccountOperation<Parameters> = {
  operation: operation<Parameters>(schema)
    .authorize(async (actor, _params, _tx: Tx) => actor.role === 'administrator')
    .resolve(async ({ id, ...mfa }, tx, { userId, tenantId, tenantName }) => {
      const member = await findRuledMember(tx, { userId: id, tenantId });
      if (member === null) return null;
      if (isSame(member.own, mfa)) return 'conflict';
      const effect = await effectOn(tx, { userId: id, tenantId, change: { own: mfa } });
      if (id === userId && effect?.isLockedOut === true) return 'policy_locks_out';
      return {
        title: 'Change what one person must sign in with',
        action: 'Change',
        facts: [
          { label: 'Asked of them alone', value: beforeAndAfter(words(member.own), words(mfa)) },
          { label: 'They lack', value: describeEffect(effect) },
          { label: 'In', value: tenantName },
        ],
        itemsLabel: 'Person',
        items: [`${member.name} (${member.email})`],
        irreversible: false,
      };
    })
    .requires({ acr: 'aal2', maxAge: 0 }),
  route: { method: 'PUT', path: '/api/members/:id/mfa' },
  perform: (proof, { id, ...mfa }) =>
    proof.commit(async (tx, { unit, changed }) => {
      const { userId, tenantId, tenantName } = proof.actor;
      const member = await findRuledMember(tx, { userId: id, tenantId });
      if (member === null) throw new ActRefused('not_found');
      if (id === userId) {
        const effect = await effectOn(tx, { userId, tenantId, change: { own: mfa } });
        if (effect?.isLockedOut === true) throw new ActRefused('policy_locks_out');
      }
      await writeMemberRule(tx, { memberId: member.memberId, mfa, now: unit.now });
      const person = await unit.people.find(id);
      if (person !== null) {
        const told = { tenantName, asked: words(mfa) };
        await unit.notify(notices.memberRuleChanged(person, unit.now, told));
      }
      changed({
        before: { memberId: id, ...(member.own ?? NOTHING) },
        after: { memberId: id, ...mfa },
      });
      return { mfa: mfa.requirement === 'optional' ? null : mfa };
    }),
};

const NOTHING: MemberMfa = { requirement: 'optional', from: null, graceDays: 0 };

function isSame(own: MemberMfa | null, mfa: MemberMfa): boolean {
  const before = own ?? NOTHING;
  if (before.requirement !== mfa.requirement) return false;
  if (mfa.requirement === 'optional') return true;
  return before.from === mfa.from && before.graceDays === mfa.graceDays;
}

const ASKED = {
  required: 'an authenticator app or a passkey',
  'required-phishing-resistant': 'a passkey',
} as const;

function words(mfa: MemberMfa | null): string {
  if (mfa === null || mfa.requirement === 'optional') return 'nothing more than of everyone';
  return `${ASKED[mfa.requirement]}, ${describeBeginning(mfa)}`;
}

/** Who would be affected, and whether they would be locked out, is seen before it is confirmed. */
function describeEffect(effect: Effect | null): string {
  if (effect === null || effect.status === null) return 'nothing';
  const lack = ASKED[effect.status.requirement];
  if (effect.isLockedOut) return `${lack}, and no code can reach them: they are locked out`;
  if (effect.status.isInForce) return `${lack}: they set it up at their next request`;
  return effect.isReached
    ? `${lack}: they have to set it up in time`
    : `${lack}: they have to set it up in time, for no code can reach them afterwards`;
}
