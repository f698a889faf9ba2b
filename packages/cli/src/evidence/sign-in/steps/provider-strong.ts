import type { AuditEntry } from '../../audit-entries.ts';
import { answered, notRecorded, recorded, rowsShow, screenShows } from '../../checks.ts';
import { fieldOf } from '../../exchange.ts';
import type { Check } from '../../step.ts';
import { oneSessionMore } from '../new-session.ts';
import { linkProvider, setOutTo } from '../provider-pages.ts';
import type { SignInStep } from '../sign-in-step.ts';

const STANDING = { note: 'policy, population and flow' } as const;
const API = { note: 'the records, after the provider alone' } as const;

/** Told with both steps at the provider. */
export const PROVIDER_NOTES = [
  'Set up in the database before the run: the short name by which people sign in, and a policy that counts `amr: mfa`. The provider is the one a portal on this machine brings along: with its password it signs `amr: pwd`, with its PIN as well `amr: pwd pin mfa`.',
];

export const providerStrong: SignInStep = {
  name: 'provider-strong',
  title: 'A provider that says both factors',
  rule: 'Where the provider signs what policy counts as multi-factor, the person is asked for nothing more, though they have an authenticator here. Policy, population and flow are shown apart: a recorded provider alone proves none of them.',
  about: 'strong-claims',
  takes: ['provider'],
  prepare: async ({ withPasskey, provider }) => {
    const [, { subject }] = provider.identities;
    await linkProvider(await withPasskey('strong-claims'), provider, subject);
  },
  act: async ({ at, provider, signInName, capture, cookie, send }) => {
    const actor = await at('strong-claims');
    const { page } = actor;
    await setOutTo(actor, signInName);
    const [, { subject }] = provider.identities;
    await provider.signInAt(page, { subject, withPin: true });
    await page.getByRole('heading', { name: 'Records', exact: true }).waitFor();
    await capture('signed-in-by-provider');
    const session = await cookie(actor);
    await send({ ...API, method: 'GET', path: '/api/records', cookie: session });
    await send({ ...STANDING, method: 'GET', path: '/api/identity-provider', cookie: session });
    await page.goto('/admin/identity-provider');
    await page.getByText('of 10 members').waitFor();
    await capture('policy-population-flow');
  },
  checks: [
    screenShows('signed-in-by-provider', {
      expected: 'Back from the provider, the application itself.',
      path: '/app',
      texts: ['Records', 'Signed in with organisation'],
    }),
    screenShows('policy-population-flow', {
      expected:
        'The administrator sees apart what policy counts, who is linked, and what was signed.',
      path: '/admin/identity-provider',
      texts: [
        'Counts as more than one factor: mfa',
        'of 10 members',
        '1 of them counted as more than one factor.',
      ],
    }),
    answered(API, { expected: 'The application is within reach.', status: 200 }),
    answered(STANDING, {
      expected: 'The same by the API: one sign-in there counted as multi-factor.',
      status: 200,
      also: ({ body }) => {
        const counted = fieldOf(body, 'policy', 'mfaAmr');
        const linked = fieldOf(body, 'population', 'linked');
        const multiFactor = fieldOf(body, 'flow', 'multiFactor');
        return {
          holds: JSON.stringify(counted) === '["mfa"]' && Number(linked) > 0 && multiFactor === 1,
          observed: `policy counts amr ${JSON.stringify(counted)}, ${String(linked)} linked, ${String(multiFactor)} counted`,
        };
      },
    }),
    oneSessionMore('One session more, at level 2, by the provider alone.', {
      aal: 2,
      methods: ['idp'],
    }),
    rowsShow('The person has an authenticator here, which was not asked for.', ({ after }) => ({
      holds: after.boundAuthenticators.length === 1,
      observed: `${after.boundAuthenticators.length} authenticator`,
    })),
    saysOfAnswer(2, 'The answer is recorded as multi-factor, with what the provider signed.'),
    recorded('sign-in.succeeded', {
      expected: 'The sign-in is recorded apart from that, at level 2, by the provider alone.',
      where: ({ aal, methods }) => aal === 2 && methods.join() === 'idp',
    }),
    notRecorded('sign-in.challenged', 'No challenge is recorded.'),
  ],
  notes: PROVIDER_NOTES,
};

/** What the log says of the provider's answer: its signed `amr`, and the level policy makes of it. */
export function saysOfAnswer(aal: 1 | 2, expected: string): Check {
  const amr = aal === 1 ? 'pwd' : 'pwd pin mfa';
  return {
    side: 'audit',
    expected,
    judge: ({ entries }) => {
      const answers = entries.filter(({ event }) => event === 'identity-provider.answered');
      const [answer] = answers;
      const signed = answer === undefined ? undefined : detailOf(answer, 'amr');
      return {
        holds: answers.length === 1 && answer?.aal === aal && signed === amr,
        observed: `${answers.length} answer recorded, level ${answer?.aal ?? 'none'}, signed amr: ${String(signed)}`,
      };
    },
  };
}

function detailOf({ entry }: AuditEntry, name: string): unknown {
  return fieldOf(Buffer.from(entry, 'base64').toString('utf8'), 'details', name);
}
