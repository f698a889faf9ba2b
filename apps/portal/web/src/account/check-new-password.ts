/** The server's rule too: what a password needs where it stands alone. */
const SHORTEST = 15;
const LONGEST = 256;

/** What is wrong with a new password before it is sent; null when nothing is. */
export function checkNewPassword(
  next: string,
  current: string,
): 'tooShort' | 'tooLong' | 'same' | null {
  if (next.length < SHORTEST) return 'tooShort';
  if (next.length > LONGEST) return 'tooLong';
  return next === current ? 'same' : null;
}
