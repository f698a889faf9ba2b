import { answered, rowsShow } from '../checks.ts';
import type { Step } from '../step.ts';
import type { OperationsStage } from './operations-stage.ts';

const BIND = { method: 'POST', path: '/api/authenticators/passkeys', by: 'main' } as const;

/** Everybody the operations are played with comes in through the doors anybody has to use. */
export const people: Step<OperationsStage> = {
  name: 'people',
  title: 'People for the operations',
  rule: 'Several people sign in, each at a browser and an address of their own, and bind a passkey or an authenticator app. Codes are made and used in their own time.',
  act: async ({ openCast, capture }) => {
    await openCast();
    await capture('signed-in-with-passkey');
  },
  checks: [
    answered(BIND, { expected: 'The first passkey is bound, after the password.', status: 201 }),
    rowsShow('The session is at level 2 from then on, with a passkey on record.', ({ after }) => {
      const [passkey] = after.boundAuthenticators;
      const raised = after.authenticationSessions.filter(({ aal }) => aal === 2);
      return {
        holds: passkey?.type === 'passkey' && raised.length === 1,
        observed: `${after.boundAuthenticators.length} authenticator (${passkey?.type ?? 'none'}), ${raised.length} session at level 2`,
      };
    }),
  ],
  notes: [
    'Every browser names an address of its own in X-Forwarded-For. A portal that is started for the run believes it, as it would believe its proxy: one address may make 120 attempts a minute.',
  ],
};
