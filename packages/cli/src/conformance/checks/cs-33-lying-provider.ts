import { fieldOf } from '../../evidence/exchange.ts';
import { LIES, type Lie } from '../../forgery/lies.ts';
import type { LyingProvider } from '../../forgery/lying-provider.ts';
import { acts, begin, challengeFor, importRecords, verify } from '../acts.ts';
import { type Attempt, defineCheck, NotTried } from '../check.ts';
import type { Ground } from '../ground.ts';
import { accepted, need, refused } from '../judge.ts';
import { type Person, signIn } from '../person.ts';
import type { Answer } from '../visitor.ts';

/** Somebody known at the provider, in a tenant that believes one kind of claim. */
interface Believer {
  readonly person: Person;
  readonly record: string;
}

interface Stage {
  readonly provider: LyingProvider;
  readonly byAmr: Believer;
  readonly byAcr: Believer;
}

/** Lies about the level: told where policy believes the very claim. */
const ABOUT_ACR: readonly Lie[] = ['acr-other', 'acr-missing', 'acr-in-userinfo-only'];
/** These help a thief of codes alone, and are told to steal one. */
const HARMLESS_ALONE: readonly Lie[] = ['code-reusable', 'pkce-ignored'];
/** Read once, before anybody signs in: told here it would change nothing. */
const AT_DISCOVERY: readonly Lie[] = ['discovery-issuer-other'];

const TOLD = (Object.keys(LIES) as Lie[]).filter(
  (lie) => !HARMLESS_ALONE.includes(lie) && !AT_DISCOVERY.includes(lie),
);

export const lyingProvider = defineCheck<Stage>({
  id: 'CS-33',
  rule: "An identity provider's answer that is missing, old, of the future, of another or for another is refused.",
  prepare: async (ground) => {
    const { provider } = ground;
    if (provider === null) {
      throw new NotTried(
        'a provider that lies can be put only under a portal started for this run',
      );
    }
    provider.lie(null);
    const { acr } = provider;
    const byAmr = await hireAtProvider(ground, { acrValues: [], mfaAcr: [], mfaAmr: ['mfa'] });
    const byAcr = await hireAtProvider(ground, { acrValues: [acr], mfaAcr: [acr], mfaAmr: [] });
    return { provider, byAmr, byAcr };
  },
  attempts: [
    ...TOLD.map(
      (lie): Attempt<Stage> => ({
        what: `${lie}: ${LIES[lie]}`,
        expected: '401 code_rejected',
        act: async ({ provider, byAmr, byAcr }) => {
          const believer = ABOUT_ACR.includes(lie) ? byAcr : byAmr;
          const answer = await confirmWhile(provider, believer, lie);
          return refused(answer, 'code_rejected');
        },
      }),
    ),
    ...HARMLESS_ALONE.map(
      (lie): Attempt<Stage> => ({
        what: `${lie}: ${LIES[lie]}, and the code of one confirmation is used for another`,
        expected: '401 code_rejected',
        act: async ({ provider, byAmr }) => {
          provider.lie(lie);
          const [one, other] = [await visit(provider, byAmr), await visit(provider, byAmr)];
          const returnUrl = new URL(other.returnUrl);
          returnUrl.searchParams.set('code', new URL(one.returnUrl).searchParams.get('code') ?? '');
          const answer = await answerWith(byAmr, other.id, returnUrl.href);
          provider.lie(null);
          return refused(answer, 'code_rejected');
        },
      }),
    ),
    {
      what: 'an answer that came to the address of another provider',
      expected: '401 code_rejected, and its code sent to nobody',
      act: async ({ provider, byAmr }) => {
        const { id, returnUrl } = await visit(provider, byAmr);
        const elsewhere = returnUrl.replace('?', '/of-another?');
        const { saw, held } = refused(await answerWith(byAmr, id, elsewhere), 'code_rejected');
        const code = new URL(returnUrl).searchParams.get('code') ?? '';
        return provider.broughtCodes.includes(code)
          ? { saw: `${saw}, and the code was sent`, held: false }
          : { saw, held };
      },
    },
    {
      what: 'the truth, in both tenants',
      expected: 'accepted',
      act: async ({ provider, byAmr, byAcr }) => {
        accepted(await confirmWhile(provider, byAmr, null));
        return accepted(await confirmWhile(provider, byAcr, null));
      },
    },
  ],
});

async function hireAtProvider(
  { hire, client, provider }: Ground,
  identityProvider: {
    readonly acrValues: string[];
    readonly mfaAcr: string[];
    readonly mfaAmr: string[];
  },
): Promise<Believer> {
  const [person] = await hire({ roles: ['person'], policy: { identityProvider } });
  await client.query(
    `insert into countersign.identity (tenant_id, issuer, subject, user_id) values ($1, $2, $3, $4)`,
    [person.tenantId, provider?.issuer, provider?.subject, person.userId],
  );
  await signIn(person);
  const [record = ''] = await importRecords(person.visitor, ['CS-33']);
  return { person, record };
}

async function confirmWhile(
  provider: LyingProvider,
  believer: Believer,
  lie: Lie | null,
): Promise<Answer> {
  provider.lie(lie);
  try {
    const { id, returnUrl } = await visit(provider, believer);
    return await answerWith(believer, id, returnUrl);
  } finally {
    provider.lie(null);
  }
}

/** Asks for a deletion, goes to the provider, and comes back with its answer. */
async function visit(
  provider: LyingProvider,
  { person: { visitor }, record }: Believer,
): Promise<{ readonly id: string; readonly returnUrl: string }> {
  const id = await challengeFor(visitor, acts.purge([record]));
  const begun = need(await begin(visitor, id, 'idp'), 200, 'going to the provider');
  return { id, returnUrl: await provider.authorize(String(fieldOf(begun.text, 'url'))) };
}

function answerWith({ person }: Believer, id: string, returnUrl: string): Promise<Answer> {
  return verify(person.visitor, id, { method: 'idp', response: { returnUrl } });
}
