import { NotTried, type Seen } from './check.ts';
import type { Answer } from './visitor.ts';

/** An answer in a few words: its status, and the code of a refusal. */
export function wordsOf({ status, code }: Answer): string {
  return code === null ? String(status) : `${status} ${code}`;
}

/**
 * Holds when the portal refused for one of these reasons: codes, in either of its two spellings. A
 * refusal for another reason, such as too many attempts, says nothing about the rule.
 *
 * @throws {NotTried}
 */
export function refused(answer: Answer, ...codes: readonly [string, ...string[]]): Seen {
  const saw = wordsOf(answer);
  if (answer.status < 400) return { saw, held: false };
  const isNamed = codes.some((code) => code.toUpperCase() === answer.code?.toUpperCase());
  if (isNamed) return { saw, held: true };
  throw new NotTried(`refused for another reason: ${saw}`);
}

/**
 * The honest counterpart of what is refused: without it the refusals would prove nothing.
 *
 * @throws {NotTried} when it is refused as well
 */
export function accepted(answer: Answer): Seen {
  const saw = wordsOf(answer);
  if (answer.status < 300) return { saw, held: true };
  throw new NotTried(`what is honest was refused too: ${saw}`);
}

/** The answer, where an attempt needs it to go on. @throws {NotTried} on any other status. */
export function need(answer: Answer, status: number, what: string): Answer {
  if (answer.status === status) return answer;
  throw new NotTried(`${what} answered ${wordsOf(answer)}`);
}

/** The first that did not hold, or else all of them in one. */
export function all(seen: readonly Seen[]): Seen {
  const broken = seen.find(({ held }) => !held);
  return broken ?? { saw: [...new Set(seen.map(({ saw }) => saw))].join(', '), held: true };
}
