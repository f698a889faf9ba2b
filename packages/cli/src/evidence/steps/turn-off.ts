import { answered, recorded, rowsShow, screenShows } from '../checks.ts';
import { cookieHeaderAfter, fieldOf } from '../exchange.ts';
import type { Stage, Step } from '../step.ts';
import { openSecurity } from './portal-pages.ts';

const OTHER_BEFORE = { note: 'another device, before' } as const;
const OTHER_AFTER = { note: "another device's next request" } as const;
const WRONG_PASSWORD = { note: 'turning off with a wrong password' } as const;
const NO_CODE = { note: 'turning off with the password and no code' } as const;

export const turnOff: Step = {
  name: 'turn-off',
  title: 'Turn off',
  rule: 'Turning the authenticator off takes the password and a current code, and signs every other session out.',
  prepare: async (stage) => {
    await signInElsewhere(stage);
    await askWithoutProof(stage);
  },
  act: async ({ page, person, capture, send, nextCode, memory }) => {
    await openSecurity(page);
    await page.getByRole('button', { name: 'Turn off' }).click();
    const dialog = page.getByRole('dialog', { name: 'Turn off your authenticator app' });
    await dialog.getByLabel('Your password').fill(person.password);
    await dialog.getByRole('button', { name: 'Continue' }).click();
    const codeField = dialog.getByLabel('Code from your authenticator app');
    await codeField.waitFor();
    await capture('turn-off-confirmation');
    await codeField.fill(await nextCode(6000));
    await dialog.getByRole('button', { name: 'Turn off' }).click();
    await page.getByText('Your authenticator app is off.').waitFor();
    await page.getByRole('button', { name: 'Set up authenticator app' }).waitFor();
    await capture('authenticator-off');
    const cookie = memory.otherCookie;
    await send({ ...OTHER_AFTER, method: 'GET', path: '/api/records', cookie });
  },
  checks: [
    screenShows('turn-off-confirmation', {
      expected: 'After the password the dialog asks for a code, and says what will end.',
      path: '/app/security',
      texts: ['Turn off your authenticator app', 'are signed out', 'stop working'],
    }),
    screenShows('authenticator-off', {
      expected: 'The security page says that the authenticator app is off.',
      path: '/app/security',
      texts: ['Your authenticator app is off.', 'Set up authenticator app'],
    }),
    answered(WRONG_PASSWORD, {
      expected: 'A wrong password is refused.',
      status: 401,
      code: 'password_rejected',
    }),
    answered(NO_CODE, {
      expected: 'The right password without a code is refused.',
      status: 401,
      code: 'step_up_required',
    }),
    answered(
      { method: 'DELETE', by: 'browser' },
      { expected: 'With the password and a code it is done, with a receipt.', status: 200 },
    ),
    answered(OTHER_BEFORE, { expected: 'Another device was signed in before.', status: 200 }),
    answered(OTHER_AFTER, {
      expected: "The other device's next request is refused.",
      status: 401,
      code: 'session_required',
    }),
    rowsShow('No key, authenticator or recovery code is left, and one session.', (seen) => {
      const { twoFactor, authenticators, user, recoveryCodes, sessions } = seen.after;
      const live = sessions.filter((it) => it.live).length;
      return {
        holds:
          seen.before.twoFactor.length === 1 &&
          twoFactor.length === 0 &&
          authenticators.length === 0 &&
          user?.twoFactorEnabled === false &&
          recoveryCodes.sets === 0 &&
          live === 1,
        observed: `keys: ${twoFactor.length}, authenticators: ${authenticators.length}, recovery code sets: ${recoveryCodes.sets}, enrolled: ${user?.twoFactorEnabled}, live sessions: ${live}`,
      };
    }),
    recorded('authenticator.removed', {
      expected: 'The removal is recorded.',
      where: ({ outcome }) => outcome === 'success',
    }),
    recorded('session.ended', {
      expected: 'The end of the other sessions is recorded with its reason.',
      where: ({ reason }) => reason === 'authenticator_removed',
    }),
  ],
};

/** A second device, signed in with a recovery code: it costs no time step. */
async function signInElsewhere({ person, send, memory }: Stage): Promise<void> {
  const challenged = await send({
    note: 'another device: the password',
    method: 'POST',
    path: '/api/auth/sign-in/email',
    json: person,
  });
  const signedIn = await send({
    note: 'another device: a recovery code',
    method: 'POST',
    path: '/api/auth/two-factor/verify-backup-code',
    cookie: cookieHeaderAfter(challenged),
    json: { code: memory.recoveryCodes[0] ?? '' },
  });
  memory.otherCookie = cookieHeaderAfter(signedIn);
  const cookie = memory.otherCookie;
  await send({ ...OTHER_BEFORE, method: 'GET', path: '/api/records', cookie });
}

async function askWithoutProof({ person, send, cookie }: Stage): Promise<void> {
  const session = await cookie();
  const listed = await send({
    note: 'the id of the authenticator',
    method: 'GET',
    path: '/api/authenticators',
    cookie: session,
  });
  const path = `/api/authenticators/${String(fieldOf(listed.body, 'items', 0, 'id'))}`;
  const request = { method: 'DELETE', path, cookie: session } as const;
  await send({ ...WRONG_PASSWORD, ...request, json: { password: `not ${person.email}` } });
  await send({ ...NO_CODE, ...request, json: { password: person.password } });
}
