import { randomBytes } from 'node:crypto';
import { type CreatedTenant, createTenant } from '@countersign/server/better-auth';
import { defaultTenantPolicy } from '@countersign/server/contract';
import type { ClientBase } from 'pg';
import type { DemoProvider } from './demo-provider.ts';

/** Who the operations need; the words before the @ of their addresses. */
export const APP_PEOPLE = ['app-1', 'app-2', 'app-3', 'app-4', 'app-5', 'app-6'] as const;
export const MAIL_PEOPLE = ['mail-1', 'mail-2'] as const;
const ADMINISTRATORS = ['main', 'provider', ...APP_PEOPLE, ...MAIL_PEOPLE] as const;
const MEMBERS = ['member-1', 'member-2'] as const;

export type Role = (typeof ADMINISTRATORS)[number] | (typeof MEMBERS)[number];

export interface OperationsTenant {
  readonly tenantId: string;
  readonly expiresAt: string;
  readonly users: CreatedTenant['users'];
  user(role: Role): CreatedTenant['users'][number];
}

const LIFETIME_MS = 24 * 3_600_000;

/**
 * Makes a throwaway tenant that lets every way of confirming be shown: its policy allows emailed codes
 * and says that `amr: mfa` means two factors at the provider.
 */
export async function openOperationsTenant(
  client: ClientBase,
  { now, provider }: { readonly now: Date; readonly provider: DemoProvider | null },
): Promise<OperationsTenant> {
  const mark = randomBytes(4).toString('hex');
  const expiresAt = new Date(now.getTime() + LIFETIME_MS);
  const person = (name: Role, role: 'administrator' | 'person') => ({
    name: `Evidence ${name}`,
    email: `${name}@${mark}.example`,
    role,
    ...(name === 'provider' && provider !== null
      ? { identity: { issuer: provider.issuer, subject: provider.subject } }
      : {}),
  });
  const { tenantId, users } = await createTenant(client, {
    name: `Throwaway ${mark}`,
    expiresAt,
    policy: basePolicy,
    people: [
      ...ADMINISTRATORS.map((name) => person(name, 'administrator')),
      ...MEMBERS.map((name) => person(name, 'person')),
    ],
  });
  return {
    tenantId,
    expiresAt: expiresAt.toISOString(),
    users,
    user: (role) => {
      const found = users.find(({ email }) => email.startsWith(`${role}@`));
      if (found === undefined) throw new TypeError(`the tenant has no ${role}`);
      return found;
    },
  };
}

export const basePolicy = {
  ...defaultTenantPolicy,
  emailBaseline: true,
  identityProvider: { acrValues: [], mfaAcr: [], mfaAmr: ['mfa'] },
};
