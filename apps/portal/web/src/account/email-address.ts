/**
 * Whether this could be an address: something, an @, a host with a dot inside. Only the code sent
 * there tells whether it is one.
 */
export function isEmailAddress(typed: string): boolean {
  return /^[^\s@]+@[^\s@.]+(?:\.[^\s@.]+)+$/u.test(typed);
}
