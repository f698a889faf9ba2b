import { LONGEST_PASSWORD, SHORTEST_PASSWORD } from '@countersign/server/contract';

/** What is wrong with a new password before it is sent; null when nothing is. Lists are the server's. */
export function checkNewPassword(
  next: string,
  current: string,
): 'tooShort' | 'tooLong' | 'same' | null {
  // Characters, as the server counts them: a sign outside the basic plane is one.
  const { length } = [...next];
  if (length < SHORTEST_PASSWORD) return 'tooShort';
  if (length > LONGEST_PASSWORD) return 'tooLong';
  return next === current ? 'same' : null;
}
