import { defaultTenantPolicy } from '@countersign/server/contract';
import type { ClientBase } from 'pg';
import { openThrowawayTenant, type ThrowawayTenant } from '../throwaway-tenant.ts';
import type { DemoProvider } from './demo-provider.ts';

/** Who the operations need; the words before the @ of their addresses. */
export const APP_PEOPLE = ['app-1', 'app-2', 'app-3', 'app-4', 'app-5', 'app-6'] as const;
export const MAIL_PEOPLE = ['mail-1', 'mail-2'] as const;
const ADMINISTRATORS = ['main', 'provider', ...APP_PEOPLE, ...MAIL_PEOPLE] as const;
const MEMBERS = ['member-1', 'member-2'] as const;

export type Role = (typeof ADMINISTRATORS)[number] | (typeof MEMBERS)[number];

export type OperationsTenant = ThrowawayTenant<Role>;

/**
 * Makes a throwaway tenant that lets every way of confirming be shown: its policy allows emailed codes
 * and says that `amr: mfa` means two factors at the provider.
 */
export async function openOperationsTenant(
  client: ClientBase,
  { now, provider }: { readonly now: Date; readonly provider: DemoProvider | null },
): Promise<OperationsTenant> {
  const known = provider === null ? {} : { identity: provider.identities[0] };
  return openThrowawayTenant<Role>(client, {
    now,
    policy: basePolicy,
    people: [
      ...ADMINISTRATORS.map((word) => ({
        word,
        role: 'administrator' as const,
        ...(word === 'provider' ? known : {}),
      })),
      ...MEMBERS.map((word) => ({ word, role: 'person' as const })),
    ],
  });
}

export const basePolicy = {
  ...defaultTenantPolicy,
  emailBaseline: true,
  identityProvider: { acrValues: [], mfaAcr: [], mfaAmr: ['mfa'] },
};
