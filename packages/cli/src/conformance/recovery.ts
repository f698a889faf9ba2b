import type { Ground } from './ground.ts';
import { MAILED_CODE, needLetters } from './letters.ts';
import type { Answer, Visitor } from './visitor.ts';

/** Whoever calls their authenticator lost, in some browser, with the password they type there. */
export interface Losing {
  readonly visitor: Visitor;
  readonly password: string;
  readonly authenticatorId: string;
}

/** Asks for the code that removes an authenticator called lost; it goes to the person's mailbox. */
export function askRecoveryCode({ visitor, password, authenticatorId }: Losing): Promise<Answer> {
  return visitor.post('/api/recovery/code', { lost: [authenticatorId], password });
}

export function takeRecoveryCode(
  { visitor, authenticatorId }: Pick<Losing, 'visitor' | 'authenticatorId'>,
  code: string,
): Promise<Answer> {
  return visitor.post('/api/recovery', { lost: [authenticatorId], code });
}

/** By whoever reads the mailbox: both steps, or the refusal of the first. */
export async function recoverByMail(
  ground: Ground,
  losing: Losing & { readonly email: string },
): Promise<Answer> {
  const letters = needLetters(ground);
  const known = await letters.all(losing.email, MAILED_CODE);
  const asked = await askRecoveryCode(losing);
  if (asked.status !== 200) return asked;
  return takeRecoveryCode(losing, await letters.find(losing.email, MAILED_CODE, known));
}
