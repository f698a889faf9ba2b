import type { PasswordFault } from '../contract/index.ts';
import { loadCommonPasswords } from '../factors/common-passwords.ts';
import { judgePassword } from '../policy/judge-password.ts';
import type { Unit } from './ports.ts';

/**
 * Why a password may not be chosen, or null: the one rule for every place where a password is set.
 * `about` is what others know of its person: name, address, organisation and application, as written.
 */
export async function judgeNewPassword(
  password: string,
  about: readonly string[],
): Promise<PasswordFault | null> {
  const common = await loadCommonPasswords();
  return judgePassword(password, { about, isListed: (text) => common.has(text) });
}

/** As {@link judgeNewPassword}, for a person who is known already. */
export async function judgePasswordOf(
  unit: Pick<Unit, 'people'>,
  options: {
    readonly userId: string;
    readonly password: string;
    /** The application's name. */
    readonly application: string;
  },
): Promise<PasswordFault | null> {
  const { userId, password, application } = options;
  const person = await unit.people.find(userId);
  const organizations = await unit.people.organizationNames(userId);
  const own = person === null ? [] : [person.name, person.email];
  return judgeNewPassword(password, [application, ...organizations, ...own]);
}
