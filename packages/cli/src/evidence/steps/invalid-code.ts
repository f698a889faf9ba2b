import { answered, notRecorded, recorded, rowsShow, screenShows } from '../checks.ts';
import { cookiesSet } from '../exchange.ts';
import type { Step } from '../step.ts';
import { typeChallengeCode } from './portal-pages.ts';

const VERIFY = { method: 'POST', path: '/api/auth/two-factor/verify-totp', by: 'browser' } as const;
const API = { note: 'the records, after the wrong code' } as const;

export const invalidCode: Step = {
  name: 'invalid-code',
  title: 'Invalid code rejected',
  rule: 'A wrong code is refused without saying more, is counted, and opens nothing.',
  act: async ({ page, capture, send, cookie, wrongCode }) => {
    await typeChallengeCode(page, await wrongCode());
    await capture('code-rejected');
    await send({ ...API, method: 'GET', path: '/api/records', cookie: await cookie() });
  },
  checks: [
    screenShows('code-rejected', {
      expected: 'The page says that the code did not work, and asks again.',
      path: '/sign-in/challenge',
      texts: ["That code didn't work", 'Six-digit code'],
    }),
    answered(VERIFY, {
      expected: 'The code is refused, and no session cookie is set.',
      status: 401,
      code: 'INVALID_CODE',
      also: (exchange) => {
        const live = [...cookiesSet(exchange).values()].filter((value) => value !== '');
        return { holds: live.length === 0, observed: `${live.length} cookies set` };
      },
    }),
    answered(API, {
      expected: 'The application is still out of reach.',
      status: 401,
      code: 'challenge_required',
    }),
    rowsShow('No session is born; one failure is counted; no time step is spent.', (seen) => {
      const { before, after } = seen;
      const sessions = after.sessions.length - before.sessions.length;
      const failures = after.authenticators[0]?.failures ?? 0;
      const isSpent = after.authenticators[0]?.lastStep !== before.authenticators[0]?.lastStep;
      return {
        holds: sessions === 0 && failures === 1 && !isSpent,
        observed: `${sessions} sessions more, failures counted: ${failures}, step spent: ${isSpent}`,
      };
    }),
    recorded('sign-in.failed', {
      expected: 'The refusal is recorded as a wrong code.',
      where: ({ outcome, reason }) => outcome === 'failure' && reason === 'wrong',
    }),
    notRecorded('sign-in.succeeded', 'No completed sign-in is recorded.'),
  ],
};
