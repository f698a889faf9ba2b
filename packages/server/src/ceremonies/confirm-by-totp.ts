import type { Factor } from './factor.ts';
import { checkTotp } from './verify-totp.ts';

/** A code of the person's authenticator app. */
export const totpFactor: Factor<'totp'> = {
  begin: async () => ({ kind: 'begun', options: { method: 'totp' } }),
  verify: async ({ unit, session, source, ports, totp }, { code }) => {
    const given = { userId: session.userId, code, source, locked: totp };
    const result = await checkTotp(unit, ports.verifier, given);
    if (result.kind !== 'accepted') return result;
    if (!result.bound) return { kind: 'rejected', reason: 'no_authenticator' };
    const { authenticatorId, step } = result;
    return {
      kind: 'accepted',
      confirmation: 'aal2',
      authenticatorId,
      assertion: null,
      spentStep: step,
    };
  },
};
