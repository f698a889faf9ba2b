import type { Staff } from './staff.ts';
import type { TestPortal } from './test-portal.ts';

/** Opens invitations of an administrator to `guest_<n>@x.example`, from the first number to the last. */
export async function openInvitations(
  portal: TestPortal,
  { id, tenantId }: Staff,
  { from, to }: { readonly from: number; readonly to: number },
): Promise<void> {
  await portal.owner.query(
    `insert into countersign.invitation
       (tenant_id, email, role, token_hash, invited_by, invited_at, expires_at)
     select $1, 'guest_' || n || '@x.example', 'person', sha256(($1 || n)::bytea), $2, now(),
       now() + interval '1 day'
     from generate_series($3::int, $4::int) n`,
    [tenantId, id, from, to],
  );
}
