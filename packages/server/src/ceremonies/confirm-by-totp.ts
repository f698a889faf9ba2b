import type { Factor } from './factor.ts';
import { verifyTotp } from './verify-totp.ts';

/** A code of the person's authenticator app. */
export const totpFactor: Factor<'totp'> = {
  begin: async () => ({ kind: 'begun', options: { method: 'totp' } }),
  verify: async ({ unit, session, source, ports }, { code }) => {
    const result = await verifyTotp(unit, ports.verifier, { userId: session.userId, code, source });
    if (result.kind !== 'accepted') return result;
    if (!result.bound) return { kind: 'rejected', reason: 'no_authenticator' };
    const { authenticatorId } = result;
    return { kind: 'accepted', confirmation: 'aal2', authenticatorId, assertion: null };
  },
};
