import {
  defaultTenantPolicy,
  type MfaPolicy,
  type TenantPolicy,
} from '@countersign/server/contract';
import type { Ground } from './ground.ts';

/** Sets what a throwaway tenant asks of its members, as its administrators would have. */
export async function setPolicy(
  { client }: Ground,
  tenantId: string,
  mfa: Partial<MfaPolicy>,
  rest: Partial<Omit<TenantPolicy, 'mfa'>> = {},
): Promise<void> {
  const policy = { ...defaultTenantPolicy, ...rest, mfa: { ...defaultTenantPolicy.mfa, ...mfa } };
  await client.query(
    `insert into countersign.tenant_policy (tenant_id, version, policy) values ($1, 1, $2)
     on conflict (tenant_id) do update
       set policy = excluded.policy, version = countersign.tenant_policy.version + 1`,
    [tenantId, JSON.stringify(policy)],
  );
}
