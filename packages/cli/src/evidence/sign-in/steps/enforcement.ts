import type { Page } from 'playwright-core';
import { answered, recorded, rowsShow, screenShows } from '../../checks.ts';
import { fieldOf, headerOf } from '../../exchange.ts';
import type { Actor } from '../../operations/actor.ts';
import { typeSignIn } from '../../steps/portal-pages.ts';
import type { SignInStage } from '../sign-in-stage.ts';
import type { SignInStep } from '../sign-in-step.ts';

const BEFORE = { note: 'the records, before the policy' } as const;
const API = { note: 'the records, by the same session, after it' } as const;
const PAGE = { note: 'the application page, by the same session, after it' } as const;
const EARLY = { note: 'an enrolment, begun with the password alone' } as const;
const AFTER = { note: 'the records, with an authenticator' } as const;
const CHANGE = { method: 'PUT', path: '/api/policy', by: 'asks-for-more' } as const;

export const enforcement: SignInStep = {
  name: 'enforcement',
  title: 'Policy asks for more',
  rule: 'When policy begins to ask for more than a password, a session that is live already meets it at its next request: records and application are out of its reach and it is sent to the enrolment, until an authenticator is bound.',
  about: 'has-password',
  takes: ['mailbox'],
  prepare: async ({ at, withPasskey }) => {
    const signedIn = at('has-password').then(async ({ page, person }) => {
      await typeSignIn(page, person);
      await page.getByRole('heading', { name: 'Records', exact: true }).waitFor();
    });
    await Promise.all([signedIn, withPasskey('asks-for-more')]);
  },
  act: async (stage) => {
    const { at, capture, cookie, send } = stage;
    const member = await at('has-password');
    const held = await cookie(member);
    await send({ ...BEFORE, method: 'GET', path: '/api/records', cookie: held });
    await askForMore(stage);
    await send({ ...API, method: 'GET', path: '/api/records', cookie: held });
    await send({ ...PAGE, method: 'GET', path: '/app', cookie: held });
    const { password } = member.person;
    const enable = { method: 'POST', path: '/api/auth/two-factor/enable' } as const;
    await send({ ...EARLY, ...enable, cookie: held, json: { password } });
    const { page } = await at('has-password');
    await page.getByRole('link', { name: 'Security' }).click();
    await page.getByRole('heading', { name: 'Set up more than a password' }).waitFor();
    await capture('kept-at-enrolment');
    await enrol(stage, member);
    await capture('enrolled');
    const records = { method: 'GET', path: '/api/records' } as const;
    await send({ ...AFTER, ...records, cookie: await cookie(member) });
  },
  checks: [
    screenShows('preview', {
      expected: 'Before saving, the administrator sees whom it stops.',
      path: '/admin/policy',
      texts: ['not have what is asked for yet', 'They are stopped at their next request'],
    }),
    screenShows('confirmation', {
      expected: 'Saving is confirmed with what it changes in view.',
      path: '/admin/policy',
      texts: ['must have an authenticator', 'Use your passkey'],
    }),
    screenShows('kept-at-enrolment', {
      expected: 'The page that was open before leads to the enrolment at its next request.',
      path: '/sign-in/enrol',
      texts: ['Set up more than a password', 'asks for an authenticator app or a passkey'],
    }),
    screenShows('enrolled', {
      expected: 'With an authenticator bound, the page that was asked for.',
      path: '/app/security',
      texts: ['Signed in with app', '10 of 10 left'],
    }),
    answered(CHANGE, { expected: 'The policy is saved.', status: 200 }),
    answered(BEFORE, { expected: 'A session with the password was good until then.', status: 200 }),
    answered(API, {
      expected: 'Its next request is refused, and says what is missing.',
      status: 401,
      code: 'enrolment_required',
    }),
    answered(PAGE, {
      expected: 'The application page leads to the enrolment.',
      status: 303,
      also: ({ headers }) => {
        const location = headerOf(headers, 'location') ?? 'nowhere';
        return { holds: location.startsWith('/sign-in/enrol'), observed: `to ${location}` };
      },
    }),
    answered(EARLY, {
      expected: 'The password alone does not begin an enrolment.',
      status: 401,
      code: 'ENROLMENT_REQUIRED',
    }),
    answered(AFTER, {
      expected: 'With an authenticator the application is within reach.',
      status: 200,
    }),
    rowsShow(
      'The policy asks for it; the person has an authenticator and a session at level 2.',
      (seen) => {
        const { before, after } = seen;
        const asked = JSON.stringify(after.policy?.policy);
        const everyone = fieldOf(asked, 'mfa', 'everyone');
        const [session] = after.authenticationSessions.filter(({ endedAt }) => endedAt === null);
        return {
          holds:
            everyone === 'required' &&
            before.boundAuthenticators.length === 0 &&
            after.boundAuthenticators.length === 1 &&
            session?.aal === 2,
          observed: `everyone: ${String(everyone)}; ${before.boundAuthenticators.length} authenticators before, ${after.boundAuthenticators.length} after; level ${session?.aal ?? 'none'}`,
        };
      },
    ),
    recorded('operation.committed', {
      expected: 'The change of the policy is recorded, with the passkey that confirmed it.',
      where: ({ operation, methods }) => operation === 'policy.change' && methods.includes('pop'),
    }),
    recorded('enrolment.address-proved', {
      expected: 'The code from the mailbox, without which nothing is enrolled, is recorded.',
      where: ({ outcome }) => outcome === 'success',
    }),
    recorded('authenticator.bound', {
      expected: 'The binding is recorded.',
      where: ({ outcome }) => outcome === 'success',
    }),
  ],
};

async function askForMore({ at, capture }: SignInStage): Promise<void> {
  const { page } = await at('asks-for-more');
  await page.goto('/admin/policy');
  const everyone = page.getByRole('group', { name: 'Everyone' });
  await everyone.getByRole('radio', { name: 'Authenticator required' }).check();
  await page.getByText('They are stopped at their next request').waitFor();
  await capture('preview');
  await page.getByRole('button', { name: 'Save policy' }).click();
  const confirm = page.getByRole('dialog').getByRole('button', { name: 'Use your passkey' });
  await confirm.waitFor();
  await capture('confirmation');
  await confirm.click();
  await page.getByText('Policy saved as version').waitFor();
}

/** By the page that keeps the person: mailed code, password, first code of the app. */
async function enrol({ codeMailedTo, createApp }: SignInStage, actor: Actor): Promise<void> {
  const { page, person } = actor;
  await page.getByRole('button', { name: 'Send the code' }).click();
  await page.getByLabel('Code from the email').waitFor();
  await page.getByLabel('Code from the email').fill(await codeMailedTo(actor));
  await page.keyboard.press('Enter');
  await page.getByLabel('Your password').fill(person.password);
  await page.keyboard.press('Enter');
  const code = page.getByLabel('Code from your authenticator app');
  await code.waitFor();
  await code.fill(await createApp(await readKey(page)).nextCode(6000));
  await page.keyboard.press('Enter');
  await page.getByLabel('I have saved them').check();
  await page.getByRole('button', { name: 'Continue' }).click();
  await page.getByText('10 of 10 left').waitFor();
}

async function readKey(page: Page): Promise<string> {
  const written = await page.locator('p[data-secret]').textContent();
  return written?.replaceAll(/\s/g, '') ?? '';
}
