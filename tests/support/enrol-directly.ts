import { randomBytes } from 'node:crypto';
import { symmetricEncrypt } from 'better-auth/crypto';
import { formatBase32 } from '../../packages/cli/src/totp/base32.ts';
import {
  generateRecoveryCodes,
  type RecoveryCodeSet,
} from '../../packages/server/src/ceremonies/recovery-codes.ts';
import type { Staff } from './staff.ts';
import type { TestPortal } from './test-portal.ts';

let set: Promise<RecoveryCodeSet> | null = null;

/**
 * Leaves a person who is signed in as enrolling leaves them, without the dozen hashes it costs. The
 * step before the present one is spent; recovery codes are the same for all of a process.
 */
export async function enrolDirectly(
  { owner, secret }: TestPortal,
  { id, person }: Staff,
): Promise<void> {
  set ??= generateRecoveryCodes({ bytes: (length) => randomBytes(length) });
  const { codes, salt, hashes } = await set;
  const typed = randomBytes(24).toString('base64url');
  const key = { keys: new Map([[1, secret]]), currentVersion: 1 };
  const storedSecret = await symmetricEncrypt({ key, data: typed });
  await owner.query(
    `with them as (
       update "user" set "twoFactorEnabled" = true where id = $1 returning id
     ), totp as (
       insert into "twoFactor" (id, secret, "backupCodes", "userId", verified)
       select gen_random_uuid()::text, $2, '', id, true from them returning id, "userId"
     ), bound as (
       insert into countersign.authenticator (user_id, type, external_id, bound_at, last_step, last_used_at)
       select "userId", 'totp', id, now(), floor(extract(epoch from now()) / 30) - 1, now() from totp
     ), given as (
       insert into countersign.recovery_code_set (user_id, salt, issued_at)
       select id, $3::bytea, now() from them
     ), codes as (
       insert into countersign.recovery_code (user_id, hash)
       select them.id, hash from them, unnest($4::bytea[]) as made (hash)
     )
     update countersign.authentication_session a set aal = 2, methods = '{pwd,otp}'
     from them where a.user_id = them.id and a.ended_at is null`,
    [id, storedSecret, salt, hashes],
  );
  person.secret = formatBase32(new TextEncoder().encode(typed));
  person.recoveryCodes = [...codes];
}
