import { answered, notRecorded, recorded, rowsShow, screenShows } from '../checks.ts';
import { cookiesSet, fieldOf, headerOf } from '../exchange.ts';
import type { Step } from '../step.ts';
import { typeSignIn, waitForChallenge } from './portal-pages.ts';

const SIGN_IN = { method: 'POST', path: '/api/auth/sign-in/email', by: 'browser' } as const;
const PAGE = { note: 'the application page, while pending' } as const;
const API = { note: 'the records, while pending' } as const;

export const challengeBeforeAccess: Step = {
  name: 'challenge-before-access',
  title: 'Challenge before app access',
  rule: 'After the password comes the challenge, and until it is answered neither the pages nor the API of the application are reachable.',
  act: async ({ page, person, visit, capture, send, cookie }) => {
    await typeSignIn(page, person);
    await waitForChallenge(page);
    await visit('/app');
    await waitForChallenge(page);
    await capture('challenge');
    const pending = await cookie();
    await send({ ...PAGE, method: 'GET', path: '/app', cookie: pending });
    await send({ ...API, method: 'GET', path: '/api/records', cookie: pending });
  },
  checks: [
    screenShows('challenge', {
      expected: 'Asking for the application leads to the challenge.',
      path: '/sign-in/challenge',
      texts: ["Confirm it's you", 'Six-digit code'],
    }),
    answered(SIGN_IN, {
      expected: 'The password is answered with a challenge and no session.',
      status: 200,
      also: (exchange) => {
        const challenge = fieldOf(exchange.body, 'challenge');
        const hasToken = fieldOf(exchange.body, 'token') !== undefined;
        const live = [...cookiesSet(exchange)].filter(([, value]) => value !== '');
        const names = live.map(([name]) => name);
        return {
          holds:
            challenge === 'required' && !hasToken && !names.some((it) => /session_token$/.test(it)),
          observed: `challenge: ${String(challenge)}, session in the body: ${hasToken}, cookies set: ${names.join(', ') || 'none'}`,
        };
      },
    }),
    answered(PAGE, {
      expected: 'The application page is refused and leads to the challenge.',
      status: 303,
      also: ({ headers }) => {
        const location = headerOf(headers, 'location') ?? 'nowhere';
        return { holds: location.startsWith('/sign-in/challenge'), observed: `to ${location}` };
      },
    }),
    answered(API, {
      expected: 'The API is refused, and says that the challenge is what is missing.',
      status: 401,
      code: 'challenge_required',
    }),
    rowsShow('No session is born; one sign-in is waiting.', ({ before, after }) => ({
      holds:
        after.sessions.length === before.sessions.length &&
        after.authenticationSessions.length === before.authenticationSessions.length &&
        after.pendingSignIns.open === 1,
      observed: `${after.sessions.length - before.sessions.length} sessions more, ${after.pendingSignIns.open} sign-in waiting`,
    })),
    recorded('sign-in.challenged', {
      expected: 'The challenge is recorded.',
      where: ({ outcome }) => outcome === 'success',
    }),
    notRecorded('sign-in.succeeded', 'No completed sign-in is recorded.'),
  ],
};
