import { defaultTenantPolicy } from '@countersign/server/contract';
import type { ClientBase } from 'pg';
import { openThrowawayTenant, type ThrowawayTenant } from '../throwaway-tenant.ts';

/** Who the steps of sign-in need, each of them in one step alone. */
const PEOPLE = {
  'passkey-alone': 'person',
  'weak-claims': 'person',
  'strong-claims': 'administrator',
  'new-password': 'person',
  'not-me': 'person',
  'lets-in-again': 'administrator',
  'lost-phone': 'person',
  'goes-away': 'person',
  'has-password': 'person',
  'asks-for-more': 'administrator',
} as const;

export type SignInRole = keyof typeof PEOPLE;

export interface SignInTenant extends ThrowawayTenant<SignInRole> {
  /** What its people type to sign in at their organisation's provider. */
  readonly signInName: string;
}

/** Seconds for which a sign-in at the provider counts as multi-factor. */
const MAX_AGE_SECONDS = 3600;

/**
 * Makes a throwaway tenant in which people sign in at the installation's provider, whose `amr: mfa` means
 * two factors.
 */
export async function openSignInTenant(
  client: ClientBase,
  { now }: { readonly now: Date },
): Promise<SignInTenant> {
  const words = Object.keys(PEOPLE) as SignInRole[];
  const tenant = await openThrowawayTenant<SignInRole>(client, {
    now,
    policy: {
      ...defaultTenantPolicy,
      identityProvider: { acrValues: [], mfaAcr: [], mfaAmr: ['mfa'] },
    },
    people: words.map((word) => ({ word, role: PEOPLE[word] })),
  });
  const signInName = `throwaway-${tenant.mark}`;
  await client.query(
    `insert into countersign.tenant_provider (tenant_id, version, sign_in_name, max_age_seconds)
     values ($1, 1, $2, $3)`,
    [tenant.tenantId, signInName, MAX_AGE_SECONDS],
  );
  return { ...tenant, signInName };
}
