import type { PasswordHasher } from '../../ceremonies/ports.ts';

/** Better Auth's own hashing and comparison, as its `emailAndPassword.password` option sets them. */
export function passwordHasher(
  context: Promise<{ readonly password: PasswordHasher }>,
): PasswordHasher {
  return {
    hash: async (password) => (await context).password.hash(password),
    verify: async (given) => (await context).password.verify(given),
  };
}
