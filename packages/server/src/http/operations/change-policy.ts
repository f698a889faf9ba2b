import { z } from 'zod';
import { type Actor, operation } from '../../ceremonies/operation.ts';
import { type TenantPolicy, tenantPolicySchema } from '../../contract/index.ts';
import { policyStore } from '../../storage/policy-store.ts';
import type { Tx } from '../../storage/transaction.ts';
import { ActRefused } from '../run-guarded.ts';
import type { AccountOperation } from './account-operation.ts';
import { effectOn } from './asked-authenticators.ts';
import { describePolicyChanges } from './describe-policy.ts';

const schema = z.strictObject({
  /** From `If-Match`: what the administrator looked at. */
  version: z
    .string()
    .regex(/^(0|[1-9]\d{0,8})$/)
    .transform(Number),
  policy: tenantPolicySchema,
});

type Parameters = z.infer<typeof schema>;

/** Another policy for the tenant, compared with the version that was looked at. */
export const changePolicyOperation: AccountOperation<Parameters> = {
  operation: operation<Parameters>(schema as never)
    .authorize(async (actor, _params, _tx: Tx) => actor.role === 'administrator')
    .resolve(async ({ version, policy }, tx, actor) => {
      const before = await policyStore(tx).find(actor.tenantId);
      if (before.version !== version) return 'precondition_failed';
      const changes = describePolicyChanges(before.policy, policy);
      if (changes.length === 0) return 'conflict';
      if (await isLockedOut(tx, { policy, actor })) return 'policy_locks_out';
      return {
        title: 'Change the sign-in policy',
        action: 'Change policy',
        facts: [...changes, { label: 'For everyone in', value: actor.tenantName }],
        itemsLabel: 'Policy',
        items: [],
        irreversible: false,
      };
    })
    .requires({ acr: 'aal2', maxAge: 0 }),
  route: { method: 'PUT', path: '/api/policy', headers: { 'if-match': 'version' } },
  perform: (proof, { version, policy }) =>
    proof.commit(async (tx, { unit, changed }) => {
      const { tenantId, userId } = proof.actor;
      // Nothing of theirs is removed, or their address changed, between this look and the policy.
      await unit.people.lock(userId, 'to end sign-ins');
      if (await isLockedOut(tx, { policy, actor: proof.actor })) {
        throw new ActRefused('policy_locks_out');
      }
      const before = await unit.policies.find(tenantId);
      if (!(await unit.policies.change(tenantId, version, policy))) {
        throw new ActRefused('precondition_failed');
      }
      changed({ before: summary(before.policy), after: summary(policy) });
      return { version: version + 1 };
    }),
};

/** Nobody may be left who could take it back. */
async function isLockedOut(
  tx: Tx,
  { policy, actor }: { readonly policy: TenantPolicy; readonly actor: Actor },
): Promise<boolean> {
  const { userId, tenantId } = actor;
  const effect = await effectOn(tx, { userId, tenantId, change: { policy: policy.mfa } });
  return effect?.isLockedOut === true;
}

function summary({ mfa, emailBaseline, sessions, identityProvider }: TenantPolicy) {
  const { acrValues, mfaAcr, mfaAmr } = identityProvider;
  return {
    mfaEveryone: mfa.everyone,
    mfaAdministrators: mfa.administrators,
    mfaFrom: mfa.from,
    mfaGraceDays: mfa.graceDays,
    emailBaseline,
    sessionInactivityMinutes: sessions.inactivityMinutes,
    sessionAbsoluteHours: sessions.absoluteHours,
    acrValues: JSON.stringify(acrValues),
    mfaAcr: JSON.stringify(mfaAcr),
    mfaAmr: JSON.stringify(mfaAmr),
  };
}
