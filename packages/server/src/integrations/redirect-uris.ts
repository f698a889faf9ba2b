import { createHash } from 'node:crypto';
import type { RedirectUris } from '../ceremonies/provider-ports.ts';

/**
 * Where one provider sends people back to, and no other does: a tenant's own has addresses of its tenant,
 * the installation's (null) those without a tenant. They stay the same whatever is recorded, so that they
 * can be registered first, and are the same in every process; the tenant's identifier is not told by them.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9700#section-4.4.2.2
 */
export function redirectUrisOf(baseUrl: string, tenantId: string | null): RedirectUris {
  const own = tenantId === null ? '' : `/${keyOf(tenantId)}`;
  return {
    'step-up': `${baseUrl}/step-up/return${own}`,
    'sign-in': `${baseUrl}/sign-in/return${own}`,
  };
}

function keyOf(tenantId: string): string {
  return createHash('sha256').update(`redirect of tenant ${tenantId}`).digest('base64url');
}
