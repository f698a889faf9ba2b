import { fieldOf } from '../../evidence/exchange.ts';
import {
  acts,
  begin,
  challengeFor,
  grantFor,
  importRecords,
  itemsOf,
  sendWith,
  verify,
} from '../acts.ts';
import { type Attempt, defineCheck, NotTried, type Seen } from '../check.ts';
import type { Ground } from '../ground.ts';
import { accepted, need, refused, wordsOf } from '../judge.ts';
import {
  freshCode,
  hireWithApp,
  type Person,
  pendingElsewhere,
  sendCode,
  sendPassword,
  signIn,
  standingOf,
} from '../person.ts';
import type { Answer } from '../visitor.ts';

interface Stage {
  readonly ground: Ground;
  readonly person: Person;
  readonly keyId: string;
  readonly record: string;
}

/** The tables without which nobody can say who asks. */
const WHO_ASKS = ['authentication_session', 'authenticator', 'tenant_policy'] as const;
/** The tables without which nobody can be let in. */
const SIGN_IN = ['attempt_budget', 'pending_sign_in', 'audit_event'] as const;

export const failClosed = defineCheck<Stage>({
  id: 'CS-36',
  rule: 'When the store, the log or the identity provider fails, the answer is no.',
  isAlone: true,
  prepare: async (ground) => {
    if (!ground.isOwn) {
      throw new NotTried('only a portal started for this run may have its tables taken away');
    }
    const person = await hireWithApp(ground, 'administrator');
    const request = acts.createKey('CS-36');
    const made = await sendWith(person.visitor, request, await grantFor(ground, person, request));
    const keyId = String(fieldOf(need(made, 201, 'creating a key').text, 'id'));
    const [record = ''] = await importRecords(person.visitor, ['CS-36']);
    return { ground, person, keyId, record };
  },
  attempts: [
    ...WHO_ASKS.map(
      (table): Attempt<Stage> => ({
        what: `read records while ${table} is away`,
        expected: '503 unavailable',
        act: ({ ground, person }) =>
          without(ground, table, async () => isNo(await person.visitor.get('/api/records'))),
      }),
    ),
    ...SIGN_IN.map(
      (table): Attempt<Stage> => ({
        what: `sign in while ${table} is away`,
        expected: 'no session',
        act: async ({ ground, person }) => {
          const visitor = ground.visitor();
          const answer = await without(ground, table, () => sendPassword(person, visitor));
          const { state } = await standingOf(visitor);
          const held = answer.status >= 500 && state === 'none';
          return { saw: `${wordsOf(answer)}, ${state}`, held };
        },
      }),
    ),
    {
      what: 'finish a sign-in with a right code while the log is away',
      expected: 'no session',
      act: async ({ ground, person }) => {
        const visitor = await pendingElsewhere(ground, person);
        const code = await freshCode(ground, person);
        const answer = await without(ground, 'audit_event', () => sendCode(visitor, code));
        const { state } = await standingOf(visitor);
        const saw = `${wordsOf(answer)}, ${state}`;
        return { saw, held: answer.status >= 500 && state !== 'active' };
      },
    },
    {
      what: 'delete a record with its grant while the log is away',
      expected: 'refused, and the record is there',
      act: async ({ ground, person, record }) => {
        const request = acts.purge([record]);
        const grant = await grantFor(ground, person, request);
        const answer = await without(ground, 'audit_event', () =>
          sendWith(person.visitor, request, grant),
        );
        const records = await itemsOf(person.visitor, '/api/records?limit=100');
        const isThere = records.some(({ id }) => id === record);
        const saw = `${wordsOf(answer)}, ${isThere ? 'there' : 'gone'}`;
        return { saw, held: answer.status >= 500 && isThere };
      },
    },
    {
      what: 'revoke a key on a recent confirmation while the log is away',
      expected: 'refused, and the key lives',
      act: async ({ ground, person, keyId }) => {
        await openWindow({ ground, person, keyId });
        const answer = await without(ground, 'audit_event', () =>
          person.visitor.send(acts.revokeKey(keyId)),
        );
        const keys = await itemsOf(person.visitor, '/api/api-keys');
        const lives = keys.some(({ id, revokedAt }) => id === keyId && revokedAt == null);
        const saw = `${wordsOf(answer)}, ${lives ? 'lives' : 'revoked'}`;
        return { saw, held: answer.status >= 500 && lives };
      },
    },
    {
      what: 'ask for a deletion while confirmations are away',
      expected: '503 unavailable',
      act: ({ ground, person, record }) =>
        without(ground, 'step_up', async () =>
          isNo(await person.visitor.send(acts.purge([record]))),
        ),
    },
    {
      what: 'the same once everything is back',
      expected: 'accepted',
      act: async ({ ground, person, record }) => {
        const request = acts.purge([record]);
        const grant = await grantFor(ground, person, request);
        return accepted(await sendWith(person.visitor, request, grant));
      },
    },
    {
      what: 'confirm at the identity provider after it went down',
      expected: '401 code_rejected',
      act: ({ ground }) => confirmAtProviderDown(ground),
    },
  ],
});

/** Takes one table of the portal away for as long as `work` lasts. */
async function without<T>({ client }: Ground, table: string, work: () => Promise<T>): Promise<T> {
  await client.query(`alter table countersign.${table} rename to ${table}_away`);
  try {
    return await work();
  } finally {
    await client.query(`alter table countersign.${table}_away rename to ${table}`);
  }
}

function isNo(answer: Answer): Seen {
  return refused(answer, 'unavailable', 'internal');
}

/** Lets the person's sign-in of level 2 be a recent one, which a revocation rests on. */
async function openWindow({ ground, person }: Omit<Stage, 'record'>): Promise<void> {
  const visitor = await pendingElsewhere(ground, person);
  need(await sendCode(visitor, await freshCode(ground, person)), 200, 'the code');
  person.visitor.cookies.clear();
  for (const [name, value] of visitor.cookies) person.visitor.cookies.set(name, value);
}

async function confirmAtProviderDown({ hire, client, provider }: Ground): Promise<Seen> {
  if (provider === null) throw new NotTried('no provider of ours is under this portal');
  const identityProvider = { acrValues: [], mfaAcr: [], mfaAmr: ['mfa'] };
  const [person] = await hire({ roles: ['person'], policy: { identityProvider } });
  await client.query(
    `insert into countersign.identity (tenant_id, issuer, subject, user_id) values ($1, $2, $3, $4)`,
    [person.tenantId, provider.issuer, provider.subject, person.userId],
  );
  const { visitor } = await signIn(person);
  const [record = ''] = await importRecords(visitor, ['CS-36']);
  const id = await challengeFor(visitor, acts.purge([record]));
  const begun = need(await begin(visitor, id, 'idp'), 200, 'going to the provider');
  const returnUrl = await provider.authorize(String(fieldOf(begun.text, 'url')));
  await provider.stop();
  return refused(
    await verify(visitor, id, { method: 'idp', response: { returnUrl } }),
    'code_rejected',
  );
}
