import type { Request } from 'playwright-core';
import { answered, notRecorded, recorded, screenShows } from '../../checks.ts';
import { fieldOf } from '../../exchange.ts';
import type { Check } from '../../step.ts';
import { oneSessionMore } from '../new-session.ts';
import type { SignInStep } from '../sign-in-step.ts';

const OPTIONS = { method: 'POST', path: '/api/auth/passkey/sign-in-options' } as const;
const SIGN_IN = {
  method: 'POST',
  path: '/api/auth/passkey/sign-in',
  by: 'passkey-alone',
} as const;
const AGAIN = { note: 'the same answer of the passkey again, from the same browser' } as const;
const API = { note: 'the records, after the passkey alone' } as const;

export const passkeyAlone: SignInStep = {
  name: 'passkey-alone',
  title: 'A passkey alone signs in',
  rule: 'A passkey that verified its person is both factors: one prompt signs in at level 2. No address is typed and no code asked for, and what the passkey answered works once.',
  about: 'passkey-alone',
  takes: [],
  prepare: async ({ withPasskey }) => {
    const { page } = await withPasskey('passkey-alone');
    await page.context().clearCookies();
  },
  act: async ({ at, capture, cookie, send }) => {
    const actor = await at('passkey-alone');
    const { page, device } = actor;
    // Not touched while the page opens, it answers nothing that the field suggests.
    await device?.touch(false);
    await page.goto('/sign-in?next=%2Fapp%2Fsecurity');
    const button = page.getByRole('button', { name: 'Sign in with a passkey' });
    await button.waitFor();
    await capture('sign-in-with-passkey');
    await device?.touch(true);
    const asked = page.waitForRequest((it) => it.url().endsWith(SIGN_IN.path));
    await button.click();
    const answer = await readRequest(await asked);
    await page.getByText('10 of 10 left').waitFor();
    await capture('signed-in-by-passkey');
    await send({ ...API, method: 'GET', path: '/api/records', cookie: await cookie(actor) });
    await send({ ...AGAIN, method: 'POST', path: SIGN_IN.path, ...answer });
  },
  checks: [
    screenShows('sign-in-with-passkey', {
      expected: 'The sign-in page offers a passkey beside address and password.',
      path: '/sign-in',
      texts: ['Email', 'Password', 'Sign in with a passkey'],
    }),
    screenShows('signed-in-by-passkey', {
      expected: 'The next page is the application itself, and says how one signed in.',
      path: '/app/security',
      texts: ['Security', 'Signed in with passkey'],
    }),
    answered(OPTIONS, {
      expected: 'What the passkey is asked names nobody, and asks it to verify its person.',
      status: 200,
      also: ({ body }) => {
        const allowed = fieldOf(body, 'options', 'allowCredentials');
        const count = Array.isArray(allowed) ? allowed.length : 0;
        const verification = fieldOf(body, 'options', 'userVerification');
        return {
          holds: count === 0 && verification === 'required',
          observed: `${count} credentials named, user verification ${String(verification)}`,
        };
      },
    }),
    answered(SIGN_IN, { expected: 'The answer of the passkey is accepted.', status: 200 }),
    asksNothingElse(),
    answered(API, { expected: 'The application is within reach.', status: 200 }),
    answered(AGAIN, {
      expected: 'The same answer is refused when it comes again.',
      status: 401,
      code: 'INVALID_PASSKEY',
    }),
    oneSessionMore('One session more, at level 2, by the passkey and nothing else.', {
      aal: 2,
      methods: ['pop'],
    }),
    recorded('sign-in.succeeded', {
      expected: 'The sign-in is recorded, with its level and the passkey as its only method.',
      where: ({ aal, methods }) => aal === 2 && methods.join() === 'pop',
    }),
    notRecorded('sign-in.challenged', 'No challenge is recorded.'),
  ],
};

/** One request signed in; neither a password nor a code was sent. */
function asksNothingElse(): Check {
  return {
    side: 'http',
    expected: 'One request signs in: no password and no code is sent.',
    judge: ({ exchanges }) => {
      // What was prepared came before the page of sign-in.
      const from = exchanges.findIndex(({ path }) => path.startsWith('/sign-in?'));
      const sent = exchanges
        .slice(from)
        .filter(
          ({ by, method, path }) =>
            by === 'passkey-alone' &&
            method === 'POST' &&
            /^\/api\/auth\/(sign-in|two-factor|passkey\/sign-in$)/.test(path),
        );
      const paths = sent.map(({ path }) => path);
      return {
        holds: paths.join() === SIGN_IN.path,
        observed: paths.join(', ') || 'nothing was sent',
      };
    },
  };
}

async function readRequest(request: Request) {
  const { cookie = '' } = await request.allHeaders();
  return { cookie, json: request.postDataJSON() as unknown };
}
