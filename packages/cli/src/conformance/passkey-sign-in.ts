import { fieldOf } from '../evidence/exchange.ts';
import type { GetOptions } from '../forgery/software-authenticator.ts';
import type { Seen } from './check.ts';
import type { Ground } from './ground.ts';
import { need, refused } from './judge.ts';
import { type Person, pendingElsewhere, signWith, standingOf } from './person.ts';
import type { Answer, Visitor } from './visitor.ts';

/** A browser that was given request options of WebAuthn, and waits for the passkey's answer. */
export interface Waiting {
  readonly visitor: Visitor;
  readonly options: unknown;
}

/** Another browser of the same person, past the password. */
export async function beginSecond(ground: Ground, person: Person): Promise<Waiting> {
  return askSecond(await pendingElsewhere(ground, person));
}

/** Request options for a sign-in that waits for its second factor. */
export async function askSecond(visitor: Visitor): Promise<Waiting> {
  const begun = await visitor.post('/api/auth/two-factor/passkey-options');
  return { visitor, options: optionsIn(begun) };
}

export function finishSecond(visitor: Visitor, response: object): Promise<Answer> {
  return visitor.post('/api/auth/two-factor/verify-passkey', { response });
}

/** Request options for whoever opens the sign-in page: nobody is known yet. */
export async function beginAlone(visitor: Visitor): Promise<Waiting> {
  return { visitor, options: optionsIn(await visitor.post('/api/auth/passkey/sign-in-options')) };
}

export function finishAlone(visitor: Visitor, response: object): Promise<Answer> {
  return visitor.post('/api/auth/passkey/sign-in', { response });
}

/** A passkey and nothing before it, in a browser that knows nobody. */
export async function signInAlone(
  ground: Ground,
  person: Person,
  lie: Partial<GetOptions> = {},
): Promise<{ readonly visitor: Visitor; readonly answer: Answer }> {
  const { visitor, options } = await beginAlone(ground.visitor());
  return { visitor, answer: await finishAlone(visitor, signWith(person, options, lie)) };
}

/** Holds when a sign-in by passkey alone was refused for this reason, and nobody is signed in. */
export async function nobodySignedIn(
  { visitor, answer }: { readonly visitor: Visitor; readonly answer: Answer },
  code = 'invalid_passkey',
): Promise<Seen> {
  const { saw, held } = refused(answer, code);
  const { state } = await standingOf(visitor);
  return state === 'none' ? { saw, held } : { saw: `${saw}, ${state}`, held: false };
}

function optionsIn(begun: Answer): unknown {
  return fieldOf(need(begun, 200, 'beginning with a passkey').text, 'options');
}
