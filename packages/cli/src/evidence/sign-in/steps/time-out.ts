import type { Page } from 'playwright-core';
import { answered, recorded, rowsShow, screenShows } from '../../checks.ts';
import { headerOf } from '../../exchange.ts';
import { TIME_MOVED } from '../../operations/time-moves.ts';
import { typeSignIn } from '../../steps/portal-pages.ts';
import type { SignInStep } from '../sign-in-step.ts';

const BEFORE = { note: 'the session, 45 seconds before its end' } as const;
const OVER = { note: 'the same cookie, half an hour after its last use' } as const;
const PAGE = { note: 'the application page, by the same cookie' } as const;

export const timeOut: SignInStep = {
  name: 'time-out',
  title: 'Time-out of inactivity',
  rule: 'A session that nobody used for half an hour is over on the server, whatever the browser does. A page that is looked at again warns before, and leaves when it is over.',
  about: 'goes-away',
  takes: [],
  prepare: async ({ at }) => {
    const { page, person } = await at('goes-away');
    await typeSignIn(page, person);
    await page.getByRole('heading', { name: 'Records', exact: true }).waitFor();
  },
  act: async ({ at, leaveInactive, capture, cookie, send }) => {
    const actor = await at('goes-away');
    const { page } = actor;
    // What it loads is use: the time is moved after that.
    await page.waitForLoadState('networkidle');
    const held = await cookie(actor);
    await leaveInactive(actor, 45);
    await lookAgain(page);
    await page.getByRole('alertdialog', { name: 'Are you still there?' }).waitFor();
    await capture('warned');
    const background = { 'countersign-background': '1' };
    const records = { method: 'GET', path: '/api/records', cookie: held } as const;
    await send({ ...BEFORE, ...records, headers: background });
    await leaveInactive(actor, 0);
    await send({ ...OVER, ...records });
    await send({ ...PAGE, method: 'GET', path: '/app', cookie: held });
    await lookAgain(page);
    await page.waitForURL('**/sign-in?**');
    await page.getByText('You have been signed out.').waitFor();
    await capture('signed-out');
  },
  checks: [
    screenShows('warned', {
      expected: 'In the last minute the page asks whether anybody is there.',
      path: '/app',
      texts: ['Are you still there?', 'Stay signed in'],
    }),
    screenShows('signed-out', {
      expected: 'When it is over the page leaves for the sign-in, and says why.',
      path: '/sign-in',
      texts: ['You have been signed out.', 'Email', 'Password'],
    }),
    answered(BEFORE, { expected: 'Until then the session is good.', status: 200 }),
    answered(OVER, {
      expected: 'Then the server refuses the same cookie.',
      status: 401,
      code: 'session_required',
    }),
    answered(PAGE, {
      expected: 'The application page leads to the sign-in.',
      status: 303,
      also: ({ headers }) => {
        const location = headerOf(headers, 'location') ?? 'nowhere';
        return { holds: /^\/sign-in(?:\?|$)/.test(location), observed: `to ${location}` };
      },
    }),
    rowsShow('The session is gone, and its record closed for want of use.', ({ before, after }) => {
      const [record] = after.authenticationSessions;
      return {
        holds:
          before.sessions.length === 1 &&
          after.sessions.length === 0 &&
          record?.endReason === 'inactivity',
        observed: `${before.sessions.length} session before, ${after.sessions.length} after; ended by ${record?.endReason ?? 'nothing'}`,
      };
    }),
    recorded('session.expired', {
      expected: 'The end is recorded with its reason.',
      where: ({ reason }) => reason === 'inactivity',
    }),
  ],
  notes: [
    TIME_MOVED.inactivity,
    'The page is told that it is looked at again, as when somebody comes back to its tab: its own timer is not waited for.',
  ],
};

/** Has the page ask how long its session lasts, as it does whenever somebody comes back to it. */
async function lookAgain(page: Page): Promise<void> {
  await page.evaluate(() => {
    document.dispatchEvent(new Event('visibilitychange'));
  });
}
