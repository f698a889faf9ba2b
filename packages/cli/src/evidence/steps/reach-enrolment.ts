import { answered, notRecorded, recorded, rowsShow, screenShows } from '../checks.ts';
import { fieldOf } from '../exchange.ts';
import type { Step } from '../step.ts';
import { openSecurity, typeSignIn } from './portal-pages.ts';

const ENABLE = { method: 'POST', path: '/api/auth/two-factor/enable' } as const;
const LIST = { note: 'is the authenticator active before its first code?' } as const;

/** The key as a person would type it into an app, in groups of four. */
const GROUPED_KEY = /^\s*(?:[A-Z2-7]{4}\s){3,}[A-Z2-7]{1,4}\s*$/;

export const reachEnrolment: Step = {
  name: 'reach-enrolment',
  title: 'Reach enrolment',
  rule: 'A signed-in person reaches enrolment after confirming the password. The key is handed out once, and nothing is active before its first code.',
  act: async ({ page, person, capture, send, cookie, memory }) => {
    await typeSignIn(page, person);
    await page.getByRole('heading', { name: 'Records', exact: true }).waitFor();
    await openSecurity(page);
    await capture('security-before');
    await page.getByRole('button', { name: 'Set up authenticator app' }).click();
    const dialog = page.getByRole('dialog', { name: 'Set up authenticator app' });
    await dialog.getByLabel('Your password').fill(person.password);
    await dialog.getByRole('button', { name: 'Continue' }).click();
    await dialog.getByLabel('Code from your authenticator app').waitFor();
    const key = dialog.getByText(GROUPED_KEY);
    memory.key = (await key.textContent())?.replace(/\s/g, '') ?? '';
    await capture('enrolment');
    await send({ ...LIST, method: 'GET', path: '/api/authenticators', cookie: await cookie() });
  },
  checks: [
    screenShows('security-before', {
      expected: 'The security page offers to set up an authenticator app, which is off.',
      path: '/app/security',
      texts: ['Authenticator app', 'Off', 'Set up authenticator app'],
    }),
    screenShows('enrolment', {
      expected: 'The dialog shows a QR code, the same key as text, and one field for a code.',
      path: '/app/security',
      texts: ['Set up authenticator app', 'Code from your authenticator app', 'Turn on'],
      drawing: true,
    }),
    answered(ENABLE, {
      expected:
        'The password is answered with a key for authenticator apps, the one on the screen.',
      status: 200,
      also: (exchange, { memory }) => {
        const uri = fieldOf(exchange.body, 'totpURI');
        const key = typeof uri === 'string' ? URL.parse(uri)?.searchParams.get('secret') : null;
        const isSame = memory.key !== '' && key === memory.key;
        return {
          holds: isSame,
          observed: isSame
            ? 'the key is the one on the screen'
            : 'the key is not the one on the screen',
        };
      },
    }),
    answered(LIST, {
      expected: 'The person has no active authenticator yet.',
      status: 200,
      also: ({ body }) => {
        const items = fieldOf(body, 'items');
        const count = Array.isArray(items) ? items.length : null;
        return { holds: count === 0, observed: `${count ?? 'no'} authenticators listed` };
      },
    }),
    rowsShow('A key is stored and not verified; the account is not marked as enrolled.', (seen) => {
      const { twoFactor, user, authenticators } = seen.after;
      const [row] = twoFactor;
      const isBound = authenticators.some(({ boundAt }) => boundAt !== null);
      return {
        holds:
          seen.before.twoFactor.length === 0 &&
          twoFactor.length === 1 &&
          row?.verified === false &&
          user?.twoFactorEnabled !== true &&
          !isBound,
        observed: `${twoFactor.length} stored, verified: ${row?.verified ?? 'none'}, enrolled: ${user?.twoFactorEnabled}, bound: ${isBound}`,
      };
    }),
    recorded('authenticator.enrolment-started', {
      expected: 'The start of the enrolment is recorded.',
      where: ({ outcome }) => outcome === 'success',
    }),
    notRecorded('authenticator.bound', 'No binding is recorded.'),
  ],
};
