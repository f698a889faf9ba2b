import type { AuthenticationMethod } from '@countersign/server/contract';
import { methodMessages } from './messages-methods.ts';

const STRONGEST_FIRST = [
  'pop',
  'otp',
  'idp',
  'recovery',
  'email',
  'pwd',
] as const satisfies readonly AuthenticationMethod[];

/** The strongest of the methods used, in words; null when none was. */
export function strongestMethod(methods: readonly AuthenticationMethod[]): string | null {
  const strongest = STRONGEST_FIRST.find((method) => methods.includes(method));
  return strongest === undefined ? null : methodMessages[strongest];
}
