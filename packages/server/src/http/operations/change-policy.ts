import { sql } from 'kysely';
import { z } from 'zod';
import { type Actor, operation } from '../../ceremonies/operation.ts';
import {
  type MfaRequirement,
  type TenantPolicy,
  tenantPolicySchema,
} from '../../contract/index.ts';
import { decideEnforcement, rulesOf, statusOf } from '../../policy/enforcement.ts';
import type { Tx } from '../../storage/transaction.ts';
import { ActRefused } from '../run-guarded.ts';
import type { AccountOperation } from './account-operation.ts';
import { heldWithout } from './asked-authenticators.ts';

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
      const row = await tx
        .selectFrom('countersign.tenant_policy')
        .select('version')
        .where('tenant_id', '=', actor.tenantId)
        .executeTakeFirst();
      if ((row?.version ?? 0) !== version) return 'precondition_failed';
      if (await isLockedOut(tx, { policy, actor })) return 'policy_locks_out';
      return {
        title: 'Change the sign-in policy',
        action: 'Change policy',
        facts: [...describe(policy), { label: 'For everyone in', value: actor.tenantName }],
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

/**
 * Whether it would keep the one who saves it at an enrolment that no code can reach: nobody may be left
 * who could take it back.
 */
async function isLockedOut(
  tx: Tx,
  { policy, actor }: { readonly policy: TenantPolicy; readonly actor: Actor },
): Promise<boolean> {
  const { userId, tenantId } = actor;
  const row = await tx
    .selectFrom('member as m')
    .leftJoin('countersign.verified_address as v', 'v.user_id', 'm.userId')
    .leftJoin('user as u', (join) =>
      join
        .onRef('u.id', '=', 'm.userId')
        .on('u.emailVerified', '=', true)
        .on(sql<boolean>`v.email = lower(u.email)`),
    )
    .select(['m.createdAt as joinedAt', 'u.id as reached', sql<Date>`now()`.as('now')])
    .where('m.userId', '=', userId)
    .where('m.organizationId', '=', tenantId)
    .executeTakeFirst();
  if (row === undefined || row.reached !== null) return false;
  const rules = rulesOf(policy.mfa, 'administrator');
  const held = await heldWithout(tx, { userId, authenticatorId: null });
  const asked = decideEnforcement({ rules, joinedAt: row.joinedAt, now: row.now });
  return statusOf(asked, held)?.isInForce === true;
}

const REQUIREMENTS = {
  optional: 'may have an authenticator',
  required: 'must have an authenticator',
  'required-phishing-resistant': 'must have a passkey',
} as const satisfies Record<MfaRequirement, string>;

function describeMfa({ everyone, administrators, from, graceDays }: TenantPolicy['mfa']) {
  const begins = from === null ? 'at once' : `from ${from} (UTC)`;
  const grace = graceDays === 0 ? '' : `, with ${graceDays} days for each person to enrol`;
  return [
    { label: 'Every member', value: REQUIREMENTS[everyone] },
    { label: 'Administrators', value: REQUIREMENTS[administrators] },
    { label: 'This holds', value: `${begins}${grace}` },
  ];
}

function describeSessions({ inactivityMinutes, absoluteHours }: TenantPolicy['sessions']) {
  const hours = absoluteHours === 1 ? '1 hour' : `${absoluteHours} hours`;
  return [
    { label: 'Signed out when unused for', value: `${inactivityMinutes} minutes` },
    { label: 'Signed out in any case after', value: hours },
  ];
}

function describe(policy: TenantPolicy) {
  const { acrValues, mfaAcr, mfaAmr } = policy.identityProvider;
  const list = (values: readonly string[]): string => values.join(', ') || 'none';
  return [
    ...describeMfa(policy.mfa),
    {
      label: 'Emailed codes',
      value: policy.emailBaseline
        ? 'accepted from people without an authenticator'
        : 'not accepted',
    },
    ...describeSessions(policy.sessions),
    { label: 'Provider is asked for', value: list(acrValues) },
    { label: 'Provider values that mean MFA', value: list([...mfaAcr, ...mfaAmr]) },
  ];
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
