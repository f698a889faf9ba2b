import { randomBytes } from 'node:crypto';
import { type CreatedTenant, createTenant } from '@countersign/server/better-auth';
import type { TenantPolicy } from '@countersign/server/contract';
import type { ClientBase } from 'pg';

/** Hours after which nobody signs in to a throwaway tenant any more. */
const LIFETIME_HOURS = 24;

/** What `tenant create --disposable --json` prints. */
export interface DisposableTenant {
  readonly tenantId: string;
  readonly baseUrl: string;
  /** RFC 3339, UTC. */
  readonly expiresAt: string;
  readonly users: readonly Pick<
    CreatedTenant['users'][number],
    'id' | 'email' | 'password' | 'role'
  >[];
}

/** Makes a tenant with an administrator and a person at addresses that belong to nobody. */
export async function createDisposableTenant(
  client: ClientBase,
  {
    baseUrl,
    now,
    policy,
  }: { readonly baseUrl: string; readonly now: Date; readonly policy?: TenantPolicy },
): Promise<DisposableTenant> {
  const expiresAt = new Date(now.getTime() + LIFETIME_HOURS * 3_600_000);
  const mark = randomBytes(4).toString('hex');
  const created = await createTenant(client, {
    name: `Throwaway ${mark}`,
    expiresAt,
    ...(policy === undefined ? {} : { policy }),
    people: [
      { name: 'A. Administrator', email: `administrator@${mark}.example`, role: 'administrator' },
      { name: 'P. Person', email: `person@${mark}.example`, role: 'person' },
    ],
  });
  return {
    tenantId: created.tenantId,
    baseUrl,
    expiresAt: expiresAt.toISOString(),
    users: created.users.map(({ id, email, password, role }) => ({ id, email, password, role })),
  };
}
