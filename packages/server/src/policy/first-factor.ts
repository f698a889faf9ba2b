import type { AuthenticationMethod } from '../contract/index.ts';

/** What a sign-in can begin with; the rest only joins it. */
const FIRST = ['pwd', 'idp', 'email'] as const satisfies readonly AuthenticationMethod[];

/** The part of a session's methods that its sign-in began with. */
export function firstFactorsOf(methods: readonly AuthenticationMethod[]): AuthenticationMethod[] {
  return FIRST.filter((method) => methods.includes(method));
}

/**
 * Whether a code from an app, or a recovery code, makes two factors of what a sign-in began with. An
 * emailed code or link is none: beside it the code would stand alone. A passkey needs nothing beside it.
 *
 * @see NIST SP 800-63B-4 section 3.1.3.1
 */
export function isJoinedByCode(methods: readonly AuthenticationMethod[]): boolean {
  return methods.includes('pwd') || methods.includes('idp');
}
