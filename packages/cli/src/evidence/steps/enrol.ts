import { answered, recorded, rowsShow, screenShows } from '../checks.ts';
import { cookieHeaderAfter, cookiesSet, fieldOf } from '../exchange.ts';
import type { Step } from '../step.ts';

const VERIFY = { method: 'POST', path: '/api/auth/two-factor/verify-totp', by: 'browser' } as const;
const OLDER_BEFORE = { note: 'an older session, password alone, before the enrolment' } as const;
const OLDER_AFTER = { note: 'the older session, after the enrolment' } as const;
const ROTATED = { note: 'the cookie from before the enrolment' } as const;

export const enrol: Step = {
  name: 'enrol',
  title: 'Enrol',
  rule: 'The first correct code turns the authenticator on and shows the recovery codes once. From then on no session below two factors reaches anything.',
  prepare: async ({ person, send, memory }) => {
    const signedIn = await send({
      note: 'a second sign-in with the password alone',
      method: 'POST',
      path: '/api/auth/sign-in/email',
      json: person,
    });
    memory.olderCookie = cookieHeaderAfter(signedIn);
    const cookie = memory.olderCookie;
    await send({ ...OLDER_BEFORE, method: 'GET', path: '/api/records', cookie });
  },
  act: async ({ page, capture, send, cookie, nextCode, memory }) => {
    const before = await cookie();
    const code = await nextCode(6000);
    await page.getByLabel('Code from your authenticator app').fill(code);
    await page.getByRole('button', { name: 'Turn on' }).click();
    const dialog = page.getByRole('dialog', { name: 'Save your recovery codes' });
    await dialog.getByLabel('I have saved them').check();
    memory.recoveryCodes = (await dialog.getByRole('listitem').allInnerTexts()).map((it) =>
      it.trim(),
    );
    await capture('recovery-codes');
    await dialog.getByRole('button', { name: 'Done' }).click();
    await page.getByText('Your authenticator app is on.').waitFor();
    await page.getByRole('button', { name: 'Turn off' }).waitFor();
    await capture('authenticator-on');
    const older = memory.olderCookie;
    await send({ ...OLDER_AFTER, method: 'GET', path: '/api/records', cookie: older });
    await send({ ...ROTATED, method: 'GET', path: '/api/records', cookie: before });
  },
  checks: [
    screenShows('recovery-codes', {
      expected: 'The recovery codes are shown, to be saved now.',
      path: '/app/security',
      texts: ['Save your recovery codes', 'They are shown only now', 'Done'],
    }),
    screenShows('authenticator-on', {
      expected: 'The security page says that the authenticator app is on.',
      path: '/app/security',
      texts: ['Your authenticator app is on.', 'Turn off', '10 of 10 left'],
    }),
    answered(VERIFY, {
      expected: 'The code is accepted: ten recovery codes and a new session cookie.',
      status: 200,
      also: (exchange) => {
        const codes = fieldOf(exchange.body, 'recoveryCodes');
        const count = Array.isArray(codes) ? codes.length : 0;
        const isRotated = [...cookiesSet(exchange).values()].some((value) => value !== '');
        return {
          holds: count === 10 && isRotated,
          observed: `${count} recovery codes, ${isRotated ? 'a new cookie' : 'no new cookie'}`,
        };
      },
    }),
    answered(ROTATED, {
      expected: 'The cookie from before the enrolment is dead.',
      status: 401,
      code: 'session_required',
    }),
    answered(OLDER_BEFORE, {
      expected: 'An older session with the password alone was good before.',
      status: 200,
    }),
    answered(OLDER_AFTER, {
      expected: 'The same older session is held at the challenge from now on.',
      status: 401,
      code: 'challenge_required',
    }),
    rowsShow(
      'The key is verified, the account enrolled, and ten recovery codes stored.',
      (seen) => {
        const { twoFactor, user, authenticators, recoveryCodes } = seen.after;
        const isBound = authenticators.length === 1 && authenticators[0]?.boundAt !== null;
        const isVerified = twoFactor.length === 1 && twoFactor[0]?.verified === true;
        return {
          holds:
            isBound && isVerified && user?.twoFactorEnabled === true && recoveryCodes.unused === 10,
          observed: `verified: ${isVerified}, enrolled: ${user?.twoFactorEnabled}, bound: ${isBound}, recovery codes: ${recoveryCodes.unused}`,
        };
      },
    ),
    recorded('authenticator.bound', {
      expected: 'The binding is recorded.',
      where: ({ outcome }) => outcome === 'success',
    }),
    recorded('recovery-code.issued', {
      expected: 'The issue of the recovery codes is recorded.',
      where: ({ outcome }) => outcome === 'success',
    }),
  ],
};
