import { answered, recorded, rowsShow, screenShows } from '../checks.ts';
import type { Step } from '../step.ts';

const REUSED = { note: 'the cookie of the session that was ended' } as const;

export const signOut: Step = {
  name: 'sign-out',
  title: 'Sign out',
  rule: 'Signing out ends the session on the server: a copy of its cookie is worth nothing.',
  act: async ({ page, capture, send, cookie, memory }) => {
    memory.endedCookie = await cookie();
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByRole('heading', { name: 'Sign in' }).waitFor();
    await capture('signed-out');
    const ended = memory.endedCookie;
    await send({ ...REUSED, method: 'GET', path: '/api/records', cookie: ended });
  },
  checks: [
    screenShows('signed-out', {
      expected: 'The sign-in page is shown.',
      path: '/sign-in',
      texts: ['Sign in', 'Email', 'Password'],
    }),
    answered(
      { method: 'POST', path: '/api/auth/sign-out' },
      { expected: 'The server ends the session.', status: 200 },
    ),
    answered(REUSED, {
      expected: 'The cookie that worked a moment ago is refused.',
      status: 401,
      code: 'session_required',
    }),
    rowsShow('One session fewer, and its assurance record is closed.', ({ before, after }) => {
      const gone = before.sessions.length - after.sessions.length;
      const closed = after.authenticationSessions.filter((it) => it.endReason === 'signed_out');
      return {
        holds: gone === 1 && closed.length === 1,
        observed: `${gone} session removed, ${closed.length} record closed as signed_out`,
      };
    }),
    recorded('session.ended', {
      expected: 'The end of the session is recorded with its reason.',
      where: ({ reason }) => reason === 'signed_out',
    }),
  ],
};
