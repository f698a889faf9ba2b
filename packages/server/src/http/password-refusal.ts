import { type PasswordFault, passwordFaults } from '../contract/index.ts';
import { problemResponse } from './problem-response.ts';

/** Says that a password may not be chosen, and why; `path` names the field it came in. */
export function passwordRefusal(
  fault: PasswordFault,
  { requestId, path = 'newPassword' }: { readonly requestId: string; readonly path?: string },
): Response {
  const errors = [{ path, code: fault, message: passwordFaults[fault] }];
  return problemResponse('password_refused', { requestId, errors });
}
