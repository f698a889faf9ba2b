import { fieldOf } from '../../evidence/exchange.ts';
import { SoftwareAuthenticator } from '../../forgery/software-authenticator.ts';
import { acts, challengeFor, passkeyOptions, verify } from '../acts.ts';
import { type Attempt, NotTried } from '../check.ts';
import type { Ground } from '../ground.ts';
import { accepted, all, need, refused } from '../judge.ts';
import {
  beginAlone,
  beginSecond,
  finishAlone,
  finishSecond,
  nobodySignedIn,
} from '../passkey-sign-in.ts';
import { type Person, signIn, signWith } from '../person.ts';

export interface Stage {
  readonly ground: Ground;
  readonly person: Person;
  readonly record: string;
}

/** Attempts on the challenge of whoever signs in with a passkey and nothing before it. */
export const aloneAttempts: readonly Attempt<Stage>[] = [
  {
    what: 'the answer that signed in by a passkey alone, once more and by a thief of the cookie',
    expected: '401 invalid_passkey, and no session',
    act: async ({ ground, person }) => {
      await ground.time.passBackOff(person.userId);
      const { visitor, options } = await beginAlone(ground.visitor());
      const thief = visitor.copy();
      const response = signWith(person, options);
      accepted(await finishAlone(visitor, response));
      return nobodySignedIn({ visitor: thief, answer: await finishAlone(thief, response) });
    },
  },
  {
    what: 'one answer of a passkey alone five times at the same moment',
    expected: 'accepted once',
    act: async ({ ground, person }) => {
      await ground.time.passBackOff(person.userId);
      const { visitor, options } = await beginAlone(ground.visitor());
      const response = signWith(person, options);
      const answers = await Promise.all(
        [1, 2, 3, 4, 5].map(() => finishAlone(visitor.copy(), response)),
      );
      const times = answers.filter(({ status }) => status === 200).length;
      const saw = answers.map(({ status }) => status).join(', ');
      if (times === 0) throw new NotTried(`none was accepted: ${saw}`);
      return { saw, held: times === 1 };
    },
  },
  {
    what: 'a right answer after a wrong one to the same challenge of a passkey alone',
    expected: '401 invalid_passkey, and no session',
    act: async ({ ground, person }) => {
      await ground.time.passBackOff(person.userId);
      const { visitor, options } = await beginAlone(ground.visitor());
      const wrong = signWith(person, options, { flipsSignatureBit: true });
      need(await finishAlone(visitor, wrong), 401, 'a wrong answer');
      const answer = await finishAlone(visitor, signWith(person, options));
      return nobodySignedIn({ visitor, answer });
    },
  },
  {
    what: "the answer to another browser's challenge, with a cookie of one's own and with none",
    expected: '401 invalid_passkey, and no session; good for that browser still',
    act: async ({ ground, person }) => {
      await ground.time.passBackOff(person.userId);
      const { visitor: victim, options } = await beginAlone(ground.visitor());
      const response = signWith(person, options);
      const { visitor: thief } = await beginAlone(ground.visitor());
      const seen = [];
      for (const visitor of [thief, ground.visitor()]) {
        const answer = await finishAlone(visitor, response);
        seen.push(await nobodySignedIn({ visitor, answer }));
      }
      const tried = all(seen);
      return tried.held ? all([tried, accepted(await finishAlone(victim, response))]) : tried;
    },
  },
  {
    what: 'the answers of a second factor and of a confirmation, to sign in by a passkey alone',
    expected: '401 invalid_passkey, and no session',
    act: async (stage) => {
      const { ground, person } = stage;
      await ground.time.passBackOff(person.userId);
      const second = await beginSecond(ground, person);
      const id = await challengeFor(person.visitor, acts.purge([stage.record]));
      const seen = [];
      for (const options of [second.options, await passkeyOptions(person.visitor, id)]) {
        // With a cookie for signing in alone, and the one the answer was asked for in.
        for (const holder of [ground.visitor(), second.visitor.copy()]) {
          const { visitor } = await beginAlone(holder);
          const response = signWith(person, options);
          const answer = refused(await finishAlone(visitor, response), 'invalid_passkey');
          seen.push(answer);
        }
      }
      return all(seen);
    },
  },
  {
    what: 'the answer of signing in by a passkey alone, as a second factor and as a confirmation',
    expected: '401 invalid_code, 401 code_rejected',
    act: async (stage) => {
      const { ground, person } = stage;
      await ground.time.passBackOff(person.userId);
      const { visitor } = await beginSecond(ground, person);
      const id = await challengeFor(person.visitor, acts.purge([stage.record]));
      await passkeyOptions(person.visitor, id);
      const signedFor = async (holder: typeof visitor) =>
        signWith(person, (await beginAlone(holder)).options);
      const response = await signedFor(person.visitor);
      return all([
        refused(await finishSecond(visitor, await signedFor(visitor)), 'invalid_code'),
        refused(await verify(person.visitor, id, { method: 'passkey', response }), 'code_rejected'),
      ]);
    },
  },
  {
    what: 'the answer of signing in by a passkey alone, to add a passkey',
    expected: '401 code_rejected',
    act: async ({ ground }) => {
      const [newcomer] = await ground.hire({ roles: ['person'] });
      const { visitor, password } = await signIn(newcomer);
      const begun = await visitor.post('/api/authenticators/passkeys/options', {
        name: 'A',
        password,
      });
      const { text } = need(begun, 200, 'beginning a passkey');
      const { options } = await beginAlone(visitor);
      const response = new SoftwareAuthenticator().create(fieldOf(text, 'options') as never, {
        origin: ground.baseUrl,
        challenge: challengeOf(options),
      });
      const id = fieldOf(text, 'id');
      return refused(
        await visitor.post('/api/authenticators/passkeys', { id, response }),
        'code_rejected',
      );
    },
  },
  {
    what: 'signing in by a passkey alone ten minutes after it was asked for',
    expected: '401 invalid_passkey, and no session',
    act: async ({ ground, person }) => {
      await ground.time.passBackOff(person.userId);
      const { visitor, options } = await beginAlone(ground.visitor());
      await ground.time.agePasskeyOffer(challengeOf(options));
      const answer = await finishAlone(visitor, signWith(person, options));
      return nobodySignedIn({ visitor, answer });
    },
  },
];

function challengeOf(options: unknown): string {
  return String((options as { readonly challenge?: unknown }).challenge);
}
