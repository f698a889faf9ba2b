import { type Recovery, recoverySchema } from '@countersign/server/contract';
import { mailsAbout } from './outbox.ts';
import type { Person } from './person.ts';
import { hireEnrolled, type Staff, signIn } from './staff.ts';
import type { TestPortal } from './test-portal.ts';

export const RECOVERY_SUBJECT = 'Your code for replacing what you lost';

/** Somebody with an app who signs in elsewhere by a recovery code: `person` is that browser. */
export async function hireWithoutPhone(
  portal: TestPortal,
): Promise<Staff & { readonly before: Person }> {
  const staff = await hireEnrolled(portal);
  const person = staff.person.elsewhere();
  await signInByRecoveryCode(staff, person);
  return { ...staff, person, before: staff.person };
}

/** The password, then a recovery code. @throws when it is refused */
export async function signInByRecoveryCode(
  staff: Staff,
  person: Person,
  code: string | undefined = person.recoveryCodes.pop(),
): Promise<void> {
  await signIn(staff, person);
  const answer = await person.post('/api/auth/two-factor/verify-backup-code', { code });
  if (answer.status !== 200) throw new Error(`the recovery code answered ${answer.status}`);
}

/** What this session may call lost. @throws when it may not recover */
export async function readRecovery(person: Person): Promise<Recovery> {
  return recoverySchema.parse(await (await person.get('/api/recovery')).json());
}

export function askRecoveryCode(
  { person, password }: Pick<Staff, 'person' | 'password'>,
  lost: readonly string[],
): Promise<Response> {
  return person.post('/api/recovery/code', { lost, password });
}

export function recover(
  person: Person,
  { lost, code }: { readonly lost: readonly string[]; readonly code: string },
): Promise<Response> {
  return person.post('/api/recovery', { lost, code });
}

/** The code in the newest of `count` mails to this address. */
export async function recoveryCodeIn(portal: TestPortal, to: string, count = 1): Promise<string> {
  const [mail] = await mailsAbout(portal, { to, subject: RECOVERY_SUBJECT, count });
  return /^ {4}(\d{6})$/m.exec(mail?.text ?? '')?.[1] ?? 'no code';
}
