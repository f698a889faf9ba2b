import { answered, notRecorded, recorded, rowsShow, screenShows } from '../checks.ts';
import { fieldOf } from '../exchange.ts';
import type { Step } from '../step.ts';
import { typeChallengeCode, typeSignIn, waitForChallenge } from './portal-pages.ts';

const VERIFY = {
  method: 'POST',
  path: '/api/auth/two-factor/verify-totp',
  by: 'second browser',
} as const;

export const replayedCode: Step = {
  name: 'replayed-code',
  title: 'The same code again refused',
  rule: 'A code that was accepted once is refused from then on, in the same words as a wrong one, although its time is not over.',
  act: async ({ secondPage, person, capture, memory }) => {
    const page = await secondPage();
    await typeSignIn(page, person);
    await waitForChallenge(page);
    await typeChallengeCode(page, memory.acceptedCode);
    await capture('replay-rejected', page);
  },
  checks: [
    screenShows('replay-rejected', {
      expected: 'Another browser with the right password and this code is refused.',
      path: '/sign-in/challenge',
      texts: ["That code didn't work", 'Six-digit code'],
    }),
    answered(VERIFY, {
      expected: 'The very code accepted a moment ago is refused like a wrong one.',
      status: 401,
      code: 'INVALID_CODE',
      also: ({ requestBody }, { memory }) => {
        const isSame = fieldOf(requestBody, 'code') === memory.acceptedCode;
        return { holds: isSame, observed: isSame ? 'the same code' : 'another code' };
      },
    }),
    rowsShow('No session is born; the last time step stays as it was.', ({ before, after }) => {
      const sessions = after.sessions.length - before.sessions.length;
      const isSame = after.authenticators[0]?.lastStep === before.authenticators[0]?.lastStep;
      return {
        holds: sessions === 0 && isSame,
        observed: `${sessions} sessions more, last step unchanged: ${isSame}`,
      };
    }),
    recorded('sign-in.failed', {
      expected: 'The refusal is recorded as a replay, so the code was still within its time.',
      where: ({ outcome, reason }) => outcome === 'failure' && reason === 'replayed',
    }),
    notRecorded('sign-in.succeeded', 'No completed sign-in is recorded.'),
  ],
};
