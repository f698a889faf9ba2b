import crypto from 'node:crypto';
import { syncBuiltinESMExports } from 'node:module';
import { hashPassword } from 'better-auth/crypto';

/** A password and the hash Better Auth keeps of it. */
export interface TestPassword {
  readonly password: string;
  readonly hash: string;
}

const made = new Map<number, Promise<TestPassword>>();
const passwords = new Set<string>();
const answers = new Map<string, Buffer>();
const { scrypt } = crypto;

/**
 * One of the passwords that test people share: random, hashed by Better Auth once a process.
 *
 * What scrypt once made of one of these, and of nothing else, is not computed again for the same salt
 * and cost: a sign-in takes its whole way, and no tenth of a second. Wrong passwords, and all that are
 * not from here, are always hashed.
 */
export function testPassword(index: number): Promise<TestPassword> {
  const known = made.get(index) ?? makePassword();
  made.set(index, known);
  return known;
}

async function makePassword(): Promise<TestPassword> {
  if (crypto.scrypt === scrypt) rememberAnswers();
  const password = crypto.randomBytes(15).toString('base64url');
  passwords.add(password);
  return { password, hash: await hashPassword(password) };
}

type Callback = Parameters<typeof scrypt>[4];

function rememberAnswers(): void {
  const remembering = (...given: Parameters<typeof scrypt>): void => {
    const [password, salt, length, options, callback] = given;
    if (typeof password !== 'string' || !passwords.has(password)) {
      scrypt(...given);
      return;
    }
    const question = JSON.stringify([password, salt, length, options]);
    const answer = answers.get(question);
    const done: Callback = callback;
    if (answer !== undefined) {
      setImmediate(done, null, Buffer.from(answer));
      return;
    }
    scrypt(password, salt, length, options, (error, derived) => {
      if (error === null) answers.set(question, Buffer.from(derived));
      done(error, derived);
    });
  };
  crypto.scrypt = remembering as typeof scrypt;
  syncBuiltinESMExports();
}
