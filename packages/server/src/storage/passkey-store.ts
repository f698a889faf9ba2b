import type { Selectable, Transaction } from 'kysely';
import type { Passkey, PasskeyStore } from '../ceremonies/passkey-ports.ts';
import type { CountersignTables } from './tables.ts';

const AUTHENTICATORS = 'countersign.authenticator';
const ENROLMENTS = 'countersign.passkey_enrolment';
const PENDING = 'countersign.pending_sign_in';

export function passkeyStore(tx: Transaction<CountersignTables>): PasskeyStore {
  return { ...enrolments(tx), ...credentials(tx), ...signIns(tx) };
}

function enrolments(
  tx: Transaction<CountersignTables>,
): Pick<PasskeyStore, 'start' | 'take' | 'bind'> {
  return {
    start: async ({ sid, userId, name, userHandle, challenge, expiresAt }) => {
      const row = await tx
        .insertInto(ENROLMENTS)
        .values({
          sid,
          user_id: userId,
          name,
          user_handle: userHandle,
          challenge,
          expires_at: expiresAt,
        })
        .returning('id')
        .executeTakeFirstOrThrow();
      return row.id;
    },
    take: async (id, sid, now) => {
      const row = await tx
        .deleteFrom(ENROLMENTS)
        .where('id', '=', id)
        .where('sid', '=', sid)
        .where('expires_at', '>', now)
        .returning(['name', 'user_handle as userHandle', 'challenge'])
        .executeTakeFirst();
      return row ?? null;
    },
    bind: async (passkey) => {
      const row = await tx
        .insertInto(AUTHENTICATORS)
        .values({
          user_id: passkey.userId,
          type: 'passkey',
          external_id: null,
          bound_at: passkey.now,
          name: passkey.name,
          user_handle: passkey.userHandle,
          credential_id: passkey.credentialId,
          public_key: passkey.publicKey,
          public_jwk: JSON.stringify(passkey.publicJwk),
          transports: [...passkey.transports],
          sign_count: passkey.signCount,
          backup_eligible: passkey.isBackupEligible,
          backed_up: passkey.isBackedUp,
        })
        .onConflict((conflict) => conflict.column('credential_id').doNothing())
        .returning('id')
        .executeTakeFirst();
      return row?.id ?? null;
    },
  };
}

function credentials(
  tx: Transaction<CountersignTables>,
): Pick<PasskeyStore, 'list' | 'lock' | 'lockAnyones' | 'isBound' | 'use' | 'rename'> {
  const theirs = (userId: string) =>
    tx
      .selectFrom(AUTHENTICATORS)
      .selectAll()
      .where('user_id', '=', userId)
      .where('type', '=', 'passkey');
  return {
    list: async (userId) =>
      (await theirs(userId).orderBy('bound_at').execute()).flatMap((row) => toPasskey(row) ?? []),
    lock: async (userId, credentialId) => {
      const row = await theirs(userId)
        .where('credential_id', '=', credentialId)
        .forUpdate()
        .executeTakeFirst();
      return row === undefined ? null : toPasskey(row);
    },
    lockAnyones: async (credentialId) => {
      const row = await tx
        .selectFrom(AUTHENTICATORS)
        .selectAll()
        .where('credential_id', '=', credentialId)
        .where('type', '=', 'passkey')
        .forUpdate()
        .executeTakeFirst();
      return row === undefined ? null : toPasskey(row);
    },
    isBound: async (id, userId) =>
      (await theirs(userId).where('id', '=', id).executeTakeFirst()) !== undefined,
    use: async (id, { signCount, isBackedUp, now }) => {
      await tx
        .updateTable(AUTHENTICATORS)
        .set({ sign_count: signCount, backed_up: isBackedUp, last_used_at: now })
        .where('id', '=', id)
        .execute();
    },
    rename: async (id, userId, name) => {
      const row = await theirs(userId).where('id', '=', id).forUpdate().executeTakeFirst();
      if (row === undefined) return null;
      await tx.updateTable(AUTHENTICATORS).set({ name }).where('id', '=', id).execute();
      return row.name;
    },
  };
}

function signIns(
  tx: Transaction<CountersignTables>,
): Pick<PasskeyStore, 'challengeSignIn' | 'takeSignIn'> {
  return {
    challengeSignIn: async (pendingId, challenge) => {
      await tx
        .updateTable(PENDING)
        .set({ passkey_challenge: challenge })
        .where('id', '=', pendingId)
        .execute();
    },
    takeSignIn: async (pendingId) => {
      const row = await tx
        .selectFrom(PENDING)
        .select('passkey_challenge')
        .where('id', '=', pendingId)
        .forUpdate()
        .executeTakeFirst();
      await tx
        .updateTable(PENDING)
        .set({ passkey_challenge: null })
        .where('id', '=', pendingId)
        .execute();
      return row?.passkey_challenge ?? null;
    },
  };
}

/** The table's check makes every column of a passkey's row present. */
function toPasskey(
  row: Selectable<CountersignTables['countersign.authenticator']>,
): Passkey | null {
  const { credential_id, public_key, public_jwk, user_handle } = row;
  if (credential_id === null || public_key === null) return null;
  if (public_jwk === null || user_handle === null) return null;
  return {
    id: row.id,
    userId: row.user_id,
    name: row.name ?? '',
    userHandle: user_handle,
    credentialId: credential_id,
    publicKey: public_key,
    publicJwk: public_jwk,
    transports: row.transports ?? [],
    signCount: Number(row.sign_count ?? 0),
    isBackupEligible: row.backup_eligible === true,
    isBackedUp: row.backed_up === true,
  };
}
