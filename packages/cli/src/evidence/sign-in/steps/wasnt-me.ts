import { answered, recorded, rowsShow, screenShows } from '../../checks.ts';
import { fieldOf } from '../../exchange.ts';
import { mailHasLink } from '../mail-check.ts';
import type { SignInStep } from '../sign-in-step.ts';

const BUTTON = { method: 'POST', path: '/api/wasnt-me' } as const;
const OPENED = { note: 'a live session, after the link was opened' } as const;
const PRESSED = { note: 'the same session, after the button' } as const;
const FROZEN = { note: 'the right password, while frozen' } as const;
const LET_IN = { note: 'the right password, after the administrator' } as const;
const SPENT = { note: 'the link once more, after the administrator' } as const;

export const wasntMe: SignInStep = {
  name: 'wasnt-me',
  title: '“This wasn’t me”',
  rule: 'The link in a security mail only opens a page. Its button ends every session and lets nobody in, until an administrator has confirmed to let the person in again; then the link is spent.',
  about: 'not-me',
  takes: ['mailbox'],
  prepare: async ({ withApp, withPasskey }) => {
    await Promise.all([withPasskey('lets-in-again'), withApp('not-me')]);
  },
  act: async ({ at, memory, linkMailedTo, capture, send }) => {
    const actor = await at('not-me');
    const { page, person } = actor;
    const live = { method: 'GET', path: '/api/records', cookie: memory.olderCookie } as const;
    const { url, secret } = await linkMailedTo(actor, '/wasnt-me');
    await page.goto(url);
    const button = page.getByRole('button', { name: 'Freeze my account' });
    await button.waitFor();
    await capture('link-opened');
    await send({ ...OPENED, ...live });
    await button.click();
    await page.getByRole('heading', { name: 'Your account is frozen' }).waitFor();
    await capture('account-frozen');
    await send({ ...PRESSED, ...live });
    const { email, password } = person;
    const signIn = { method: 'POST', path: '/api/auth/sign-in/email' } as const;
    await send({ ...FROZEN, ...signIn, json: { email, password } });

    const { page: desk } = await at('lets-in-again');
    await desk.goto('/admin/people');
    await desk.getByRole('button', { name: /^Unfreeze/ }).click();
    const dialog = desk.getByRole('dialog');
    const confirm = dialog.getByRole('button', { name: 'Use your passkey' });
    await confirm.waitFor();
    await capture('letting-in-again');
    await confirm.click();
    await desk.getByText('can sign in again').waitFor();
    await capture('let-in-again');
    await send({ ...LET_IN, ...signIn, json: { email, password } });
    await send({ ...SPENT, ...BUTTON, json: { token: secret } });
  },
  checks: [
    mailHasLink('/wasnt-me', {
      expected: 'The mail about the new authenticator has the link, and says what it does.',
      texts: [
        'An authenticator app was set up for your account',
        'Opening it does nothing by itself',
      ],
    }),
    screenShows('link-opened', {
      expected: 'The link opens a page that asks, and says what will happen.',
      path: '/wasnt-me',
      texts: ['Freeze your account', 'Nobody can sign in', 'Nothing has changed'],
    }),
    screenShows('account-frozen', {
      expected: 'After the button the page says that the account is frozen.',
      path: '/wasnt-me',
      texts: ['Your account is frozen', 'Every device is signed out'],
    }),
    screenShows('letting-in-again', {
      expected: 'The administrator is asked to confirm whom they let in again.',
      path: '/admin/people',
      texts: ['Evidence not-me', 'Use your passkey'],
    }),
    answered(OPENED, {
      expected: 'After the link alone, a session from before goes on.',
      status: 200,
    }),
    answered(PRESSED, {
      expected: 'After the button it is over.',
      status: 401,
      code: 'session_required',
    }),
    answered(FROZEN, {
      expected: 'The right password is refused.',
      status: 403,
      code: 'ACCOUNT_FROZEN',
    }),
    answered(LET_IN, {
      expected: 'Once they are let in again it leads to the challenge, as ever.',
      status: 200,
      also: ({ body }) => {
        const challenge = fieldOf(body, 'challenge');
        return { holds: challenge === 'required', observed: `challenge: ${String(challenge)}` };
      },
    }),
    answered(SPENT, {
      expected: 'The link freezes nothing again.',
      status: 410,
      code: 'link_rejected',
    }),
    rowsShow('No session is left of the person, whose authenticator is as it was.', (seen) => {
      const { before, after } = seen;
      const live = ({ authenticationSessions }: typeof after) =>
        authenticationSessions.filter(({ endedAt }) => endedAt === null).length;
      const ended = after.authenticationSessions.filter((it) => it.endReason === 'account_frozen');
      return {
        holds:
          live(before) > 0 &&
          live(after) === 0 &&
          ended.length === live(before) &&
          after.frozenSince === null &&
          after.boundAuthenticators.length === 1,
        observed: `${live(before)} live before, ${live(after)} after; ${ended.length} ended as account_frozen; frozen at the end: ${after.frozenSince !== null}; ${after.boundAuthenticators.length} authenticator`,
      };
    }),
    recorded('account.frozen', {
      expected: 'Freezing is recorded once, by the button.',
      where: ({ outcome }, { entries }) =>
        outcome === 'success' &&
        entries.filter((it) => it.event === 'account.frozen' && it.outcome === 'success').length ===
          1,
    }),
    recorded('account.unfrozen', {
      expected: 'Letting in again is recorded, beside the confirmed act of the administrator.',
      where: (_, { entries }) =>
        entries.some(
          ({ event, operation, methods }) =>
            event === 'operation.committed' &&
            operation === 'member.unfreeze' &&
            methods.includes('pop'),
        ),
    }),
  ],
};
