import { messages } from './messages.ts';

/** What is known of a refusal, in either form the server answers in. */
export interface Refusal {
  readonly code: string;
  /** Whether the answer was to wait for `waitSeconds`. */
  readonly isTooMany: boolean;
  readonly waitSeconds: number;
  readonly requestId: string | null;
}

/** A wait this long means that no waiting helps: attempts are used up. */
export const LOCKED_SECONDS = 86_400;

const byCode: Readonly<Record<string, string>> = messages.errors.codes;

/**
 * Turns a refusal into what the person can do about it. `own` holds what a screen can say better, by
 * problem code.
 */
export function explainRefusal(
  refusal: Refusal,
  own: Readonly<Record<string, string>> = {},
): string {
  const { code, isTooMany, waitSeconds, requestId } = refusal;
  const text = messages.errors;
  if (code === 'read_budget_spent') return text.readBudget(messages.wait(waitSeconds));
  if (isTooMany && waitSeconds >= LOCKED_SECONDS) return text.locked;
  if (isTooMany) return text.tooMany(messages.wait(waitSeconds));
  const known = own[code] ?? byCode[code];
  if (known !== undefined) return known;
  return requestId === null ? text.failed : `${text.failed} ${text.reference(requestId)}`;
}
