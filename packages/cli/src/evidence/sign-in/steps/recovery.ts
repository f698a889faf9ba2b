import { answered, recorded, rowsShow, screenShows } from '../../checks.ts';
import { cookieHeaderAfter, fieldOf } from '../../exchange.ts';
import { typeSignIn, waitForChallenge } from '../../steps/portal-pages.ts';
import type { SignInStage } from '../sign-in-stage.ts';
import type { SignInStep } from '../sign-in-step.ts';

const RECOVER = { method: 'POST', path: '/api/recovery', by: 'lost-phone' } as const;
const WRONG = { note: 'the recovery code without the mailed one' } as const;
const PASSWORD_ALONE = { note: 'the password alone, asking for a code by mail' } as const;
const OLDER_AFTER = { note: 'a session on another device, after the recovery' } as const;

export const recovery: SignInStep = {
  name: 'recovery',
  title: 'A lost phone',
  rule: 'Who lost the authenticator app removes it by two methods beyond the password: a saved recovery code and a code mailed to the verified address. Neither does it alone, and every other session ends.',
  about: 'lost-phone',
  takes: ['mailbox'],
  prepare: async ({ withApp }) => {
    await withApp('lost-phone');
  },
  act: async (stage) => {
    const { at, memory, codeMailedTo, capture, cookie, send } = stage;
    const actor = await at('lost-phone');
    const { page, person } = actor;
    await askWithPasswordAlone(stage);
    await typeSignIn(page, person);
    await waitForChallenge(page);
    await page.getByRole('button', { name: 'I lost my device' }).click();
    await page.getByRole('button', { name: 'Use a recovery code' }).first().click();
    await page.getByLabel('Recovery code').fill(person.recoveryCodes[0] ?? '');
    await page.keyboard.press('Enter');
    const replace = page.getByRole('button', { name: 'No, replace it' });
    await replace.waitFor();
    await capture('keep-or-replace');
    await replace.click();
    await page.getByLabel('Your password').fill(person.password);
    await capture('what-is-lost');
    await page.getByRole('button', { name: 'Send the code' }).click();
    await page.getByLabel('Code from the email').waitFor();
    const code = await codeMailedTo(actor);
    const lost = [await authenticatorId(stage)];
    const json = { lost, code: code === '000000' ? '111111' : '000000' };
    await send({ ...WRONG, method: 'POST', path: RECOVER.path, cookie: await cookie(actor), json });
    await page.getByLabel('Code from the email').fill(code);
    await capture('mailed-code');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Removed' }).waitFor();
    await capture('removed');
    const older = { method: 'GET', path: '/api/records', cookie: memory.olderCookie } as const;
    await send({ ...OLDER_AFTER, ...older });
  },
  checks: [
    screenShows('keep-or-replace', {
      expected: 'Whoever signs in with a recovery code is asked whether the app is lost.',
      path: '/sign-in/challenge',
      texts: ['Do you still have your authenticator app?', 'No, replace it'],
    }),
    screenShows('what-is-lost', {
      expected: 'The page names what will be removed, and asks for the password once more.',
      path: '/sign-in/recover',
      texts: ['Replace what you lost', 'Authenticator app', 'Your password'],
    }),
    screenShows('removed', {
      expected: 'The page says that the app no longer works, and to set up another.',
      path: '/sign-in/recover',
      texts: ['Removed', 'every other device was signed out', 'Set up a new one'],
    }),
    answered(PASSWORD_ALONE, {
      expected: 'The password alone is sent no code.',
      status: 401,
      code: 'challenge_required',
    }),
    answered(WRONG, {
      expected: 'The recovery code without the mailed one removes nothing.',
      status: 401,
      code: 'code_rejected',
    }),
    answered(RECOVER, {
      expected: 'With both, the app is removed.',
      status: 200,
      also: ({ body }) => {
        const removed = fieldOf(body, 'removed');
        const count = Array.isArray(removed) ? removed.length : 0;
        return { holds: count === 1, observed: `${count} removed` };
      },
    }),
    answered(OLDER_AFTER, {
      expected: 'A session on another device is over.',
      status: 401,
      code: 'session_required',
    }),
    rowsShow(
      'App and recovery codes are gone; the one session left rests on the password.',
      (seen) => {
        const { before, after } = seen;
        const live = after.authenticationSessions.filter(({ endedAt }) => endedAt === null);
        const [session] = live;
        return {
          holds:
            before.boundAuthenticators.length === 1 &&
            after.boundAuthenticators.length === 0 &&
            after.recoverySet === null &&
            live.length === 1 &&
            session?.aal === 1,
          observed: `${before.boundAuthenticators.length} authenticator before, ${after.boundAuthenticators.length} after; ${live.length} session live, at level ${session?.aal ?? 'none'}`,
        };
      },
    ),
    recorded('recovery-code.used', {
      expected: 'The use of the recovery code is recorded.',
      where: ({ outcome }) => outcome === 'success',
    }),
    recorded('account.recovered', {
      expected: 'The refused attempt is recorded.',
      where: ({ outcome, reason }) => outcome === 'failure' && reason === 'wrong',
    }),
    recorded('account.recovered', {
      expected: 'The recovery is recorded, with both methods.',
      where: ({ outcome, methods }) =>
        outcome === 'success' && methods.includes('recovery') && methods.includes('email'),
    }),
  ],
};

/** Somebody who knows the password, and would read the mail. */
async function askWithPasswordAlone(stage: SignInStage): Promise<void> {
  const { at, send } = stage;
  const { email, password } = (await at('lost-phone')).person;
  const signedIn = await send({
    note: 'the password alone',
    method: 'POST',
    path: '/api/auth/sign-in/email',
    json: { email, password },
  });
  await send({
    ...PASSWORD_ALONE,
    method: 'POST',
    path: '/api/recovery/code',
    cookie: cookieHeaderAfter(signedIn),
    json: { lost: [await authenticatorId(stage)], password },
  });
}

async function authenticatorId({ memory, send }: SignInStage): Promise<string> {
  const listed = await send({
    note: 'the id of the authenticator',
    method: 'GET',
    path: '/api/authenticators',
    cookie: memory.olderCookie,
  });
  return String(fieldOf(listed.body, 'items', 0, 'id'));
}
