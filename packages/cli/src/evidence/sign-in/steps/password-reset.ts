import { randomBytes } from 'node:crypto';
import { answered, recorded, rowsShow, screenShows } from '../../checks.ts';
import { waitForChallenge } from '../../steps/portal-pages.ts';
import { mailHasLink } from '../mail-check.ts';
import type { SignInStep } from '../sign-in-step.ts';

const COMPLETE = { method: 'POST', path: '/api/password-reset/complete' } as const;
const OLDER_BEFORE = { note: 'a session from before, before the reset' } as const;
const OLDER_AFTER = { note: 'the session from before, after the reset' } as const;
const OLD_PASSWORD = { note: 'the old password, after the reset' } as const;
const API = { note: 'the records, with the new password alone' } as const;
const AGAIN = { note: 'the link once more' } as const;

export const passwordReset: SignInStep = {
  name: 'password-reset',
  title: 'A new password by mail',
  rule: 'A mailed link replaces the password and nothing else: every session ends, nobody is signed in by it, and the second factor is asked for as before.',
  about: 'new-password',
  takes: ['mailbox'],
  prepare: async ({ withApp }) => {
    await withApp('new-password');
  },
  act: async ({ at, memory, linkMailedTo, capture, cookie, send }) => {
    const actor = await at('new-password');
    const { page, person } = actor;
    const older = { method: 'GET', path: '/api/records', cookie: memory.olderCookie } as const;
    await send({ ...OLDER_BEFORE, ...older });
    await page.goto('/sign-in');
    await page.getByRole('link', { name: 'Forgot your password?' }).click();
    await page.getByLabel('Email').fill(person.email);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Look in your mailbox' }).waitFor();
    await capture('link-asked-for');
    const { url, secret } = await linkMailedTo(actor, '/sign-in/reset');
    const newPassword = randomBytes(15).toString('base64url');
    await page.goto(url);
    await page.getByLabel('New password').fill(newPassword);
    await capture('new-password');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Your password is changed' }).waitFor();
    await capture('password-changed');
    await send({ ...OLDER_AFTER, ...older });
    const signIn = { method: 'POST', path: '/api/auth/sign-in/email' } as const;
    const { email, password } = person;
    await send({ ...OLD_PASSWORD, ...signIn, json: { email, password } });
    await page.getByRole('link', { name: 'Sign in' }).click();
    await page.getByLabel('Email').fill(email);
    await page.getByLabel('Password', { exact: true }).fill(newPassword);
    await page.keyboard.press('Enter');
    await waitForChallenge(page);
    await capture('still-challenged');
    await send({ ...API, method: 'GET', path: '/api/records', cookie: await cookie(actor) });
    await send({ ...AGAIN, ...COMPLETE, json: { token: secret, newPassword } });
  },
  checks: [
    screenShows('link-asked-for', {
      expected: 'The page does not say whether the address has an account.',
      path: '/sign-in/forgot',
      texts: ['Look in your mailbox', 'belongs to an account here'],
    }),
    mailHasLink('/sign-in/reset', {
      expected: 'The mail has the link, and says that the second factor is still needed.',
      texts: ['You will still need your authenticator app or passkey to sign in'],
    }),
    screenShows('password-changed', {
      expected: 'The page says that the password is changed, and what is still needed.',
      path: '/sign-in/reset',
      texts: ['Your password is changed', 'you still need it'],
    }),
    screenShows('still-challenged', {
      expected: 'After the new password comes the challenge.',
      path: '/sign-in/challenge',
      texts: ["Confirm it's you", 'Six-digit code'],
    }),
    answered(
      { ...COMPLETE, by: 'new-password' },
      {
        expected: 'The link is accepted once, and sets no session.',
        status: 200,
        also: ({ headers }) => {
          const set = headers.filter(
            ([name, value]) => name === 'set-cookie' && /session_token=[^;]/.test(value),
          );
          return { holds: set.length === 0, observed: `${set.length} session cookies set` };
        },
      },
    ),
    answered(OLDER_BEFORE, { expected: 'A session from before was good until then.', status: 200 }),
    answered(OLDER_AFTER, {
      expected: 'It ended with the old password.',
      status: 401,
      code: 'session_required',
    }),
    answered(OLD_PASSWORD, {
      expected: 'The old password opens nothing.',
      status: 401,
      code: 'INVALID_EMAIL_OR_PASSWORD',
    }),
    answered(API, {
      expected: 'The new password alone reaches nothing.',
      status: 401,
      code: 'challenge_required',
    }),
    answered(AGAIN, { expected: 'The link works once.', status: 410, code: 'link_rejected' }),
    rowsShow(
      'The password is another, the authenticator is the same, every session ended.',
      (seen) => {
        const { before, after } = seen;
        const isOther = after.account?.passwordHash !== before.account?.passwordHash;
        const isSame =
          after.boundAuthenticators.length === 1 &&
          JSON.stringify(after.boundAuthenticators) === JSON.stringify(before.boundAuthenticators);
        const live = after.authenticationSessions.filter(({ endedAt }) => endedAt === null).length;
        return {
          holds: isOther && isSame && live === 0 && after.pendingSignIns.open === 1,
          observed: `another password: ${isOther}, the same authenticator: ${isSame}, ${live} sessions live, ${after.pendingSignIns.open} sign-in waiting`,
        };
      },
    ),
    recorded('password-reset.asked', {
      expected: 'Asking for the link is recorded.',
      where: ({ outcome }) => outcome === 'success',
    }),
    recorded('account.password-reset', {
      expected: 'The reset is recorded, with the mailbox as what it rested on.',
      where: ({ outcome, methods }) => outcome === 'success' && methods.join() === 'email',
    }),
    recorded('sign-in.challenged', {
      expected: 'The challenge after it is recorded.',
      where: ({ outcome }) => outcome === 'success',
    }),
  ],
};
