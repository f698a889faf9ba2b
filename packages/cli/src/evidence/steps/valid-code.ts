import { answered, recorded, rowsShow, screenShows } from '../checks.ts';
import { cookiesSet } from '../exchange.ts';
import type { Step } from '../step.ts';
import { typeChallengeCode } from './portal-pages.ts';

const VERIFY = { method: 'POST', path: '/api/auth/two-factor/verify-totp', by: 'browser' } as const;
const API = { note: 'the records, after the right code' } as const;

/** The next step presents the same code again while it is still within its time. */
const HOLDS_MS = 15_000;

export const validCode: Step = {
  name: 'valid-code',
  title: 'Valid code completes',
  rule: 'The right code completes the sign-in on a new cookie, with both factors on record.',
  act: async ({ page, capture, send, cookie, nextCode }) => {
    await typeChallengeCode(page, await nextCode(HOLDS_MS));
    await page.getByRole('heading', { name: 'Records', exact: true }).waitFor();
    await capture('signed-in');
    await send({ ...API, method: 'GET', path: '/api/records', cookie: await cookie() });
  },
  checks: [
    screenShows('signed-in', {
      expected: 'The application is open, and says how the person signed in.',
      path: '/app',
      texts: ['Records', 'Signed in with app'],
    }),
    answered(VERIFY, {
      expected: 'The code is accepted: a session cookie is set and the pending one cleared.',
      status: 200,
      also: (exchange) => {
        const cookies = [...cookiesSet(exchange)];
        const born = cookies.filter(([name, value]) => /session_token$/.test(name) && value !== '');
        const cleared = cookies.filter(([name, value]) => /pending$/.test(name) && value === '');
        return {
          holds: born.length === 1 && cleared.length === 1,
          observed: `${born.length} session cookie set, ${cleared.length} pending cookie cleared`,
        };
      },
    }),
    answered(API, { expected: 'The records are reachable.', status: 200 }),
    rowsShow('One live session more, with both factors; the code is spent.', (seen) => {
      const { before, after, memory } = seen;
      const known = before.authenticationSessions.map(({ sid }) => sid);
      const born = after.authenticationSessions.filter(({ sid }) => !known.includes(sid));
      const [session] = born;
      const isLive = after.sessions.some(({ sid, live }) => live && sid === session?.sid);
      const methods = session?.methods.join(' + ') ?? 'none';
      const isSpent = after.authenticators[0]?.lastStep === memory.acceptedStep;
      return {
        holds:
          born.length === 1 && isLive && session?.aal === 2 && methods === 'pwd + otp' && isSpent,
        observed: `${born.length} session more, live: ${isLive}, level ${session?.aal ?? 'none'}, methods ${methods}, step spent: ${isSpent}`,
      };
    }),
    recorded('sign-in.succeeded', {
      expected: 'The completed sign-in is recorded with its level and methods.',
      where: ({ aal, methods }) => aal === 2 && methods.includes('otp'),
    }),
  ],
};
