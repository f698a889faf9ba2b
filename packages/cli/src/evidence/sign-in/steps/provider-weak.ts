import { answered, recorded, screenShows } from '../../checks.ts';
import { cookiesSet, fieldOf } from '../../exchange.ts';
import { waitForChallenge } from '../../steps/portal-pages.ts';
import { oneSessionMore } from '../new-session.ts';
import { linkProvider, setOutTo } from '../provider-pages.ts';
import type { SignInStep } from '../sign-in-step.ts';
import { PROVIDER_NOTES, saysOfAnswer } from './provider-strong.ts';

const RETURN = { method: 'POST', path: '/api/auth/sign-in/provider-return' } as const;
const API = { note: 'the records, after the provider alone' } as const;
const API_AFTER = { note: 'the records, after the provider and the passkey' } as const;

export const providerWeak: SignInStep = {
  name: 'provider-weak',
  title: 'A provider that says one factor',
  rule: 'Where the provider signs nothing that policy counts as multi-factor, its word is one factor: the person is asked for their own authenticator before anything is reached.',
  about: 'weak-claims',
  takes: ['provider'],
  prepare: async ({ withPasskey, provider }) => {
    const [{ subject }] = provider.identities;
    await linkProvider(await withPasskey('weak-claims'), provider, subject);
  },
  act: async ({ at, provider, signInName, capture, cookie, send }) => {
    const actor = await at('weak-claims');
    const { page, device } = actor;
    await setOutTo(actor, signInName);
    await capture('at-the-provider');
    const [{ subject }] = provider.identities;
    await provider.signInAt(page, { subject, withPin: false });
    await waitForChallenge(page);
    await capture('challenge-after-provider');
    await send({ ...API, method: 'GET', path: '/api/records', cookie: await cookie(actor) });
    await device?.touch(true);
    await page.getByRole('button', { name: 'Use your passkey' }).click();
    await page.getByRole('heading', { name: 'Records', exact: true }).waitFor();
    await capture('signed-in-after-challenge');
    await send({ ...API_AFTER, method: 'GET', path: '/api/records', cookie: await cookie(actor) });
  },
  checks: [
    screenShows('challenge-after-provider', {
      expected: 'Back from the provider, the page asks for a factor of the person’s own.',
      path: '/sign-in/challenge',
      texts: ["Confirm it's you", 'Use your passkey'],
    }),
    screenShows('signed-in-after-challenge', {
      expected: 'After that, the application.',
      path: '/app',
      texts: ['Records'],
    }),
    answered(RETURN, {
      expected: "The provider's answer is met with a challenge and no session.",
      status: 200,
      also: (exchange) => {
        const challenge = fieldOf(exchange.body, 'challenge');
        const live = [...cookiesSet(exchange)].filter(([, value]) => value !== '');
        const names = live.map(([name]) => name);
        return {
          holds: challenge === 'required' && !names.some((it) => /session_token$/.test(it)),
          observed: `challenge: ${String(challenge)}, cookies set: ${names.join(', ') || 'none'}`,
        };
      },
    }),
    answered(API, {
      expected: 'Until then the application is out of reach.',
      status: 401,
      code: 'challenge_required',
    }),
    answered(API_AFTER, { expected: 'Then it is within reach.', status: 200 }),
    oneSessionMore('One session more, at level 2, by the provider and the passkey.', {
      aal: 2,
      methods: ['idp', 'pop'],
    }),
    saysOfAnswer(1, 'The answer is recorded as one factor, with what the provider signed.'),
    recorded('sign-in.challenged', {
      expected: 'The challenge is recorded.',
      where: ({ outcome }) => outcome === 'success',
    }),
    recorded('sign-in.succeeded', {
      expected: 'The sign-in is recorded at level 2, by both.',
      where: ({ aal, methods }) => aal === 2 && methods.join() === 'idp,pop',
    }),
  ],
  notes: PROVIDER_NOTES,
};
