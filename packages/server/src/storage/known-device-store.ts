import { sql, type Transaction } from 'kysely';
import type { KnownDeviceStore, RememberedDevice } from '../ceremonies/known-device-ports.ts';
import type { CountersignTables } from './tables.ts';

const DEVICES = 'countersign.known_device';

/** Devices one person can have; who signs in on more has the longest unused forgotten. */
const DEVICES_PER_PERSON = 20;

export function knownDeviceStore(tx: Transaction<CountersignTables>): KnownDeviceStore {
  return {
    isKnown: async (userId, hashes, now) => {
      if (hashes.length === 0) return false;
      const row = await tx
        .selectFrom(DEVICES)
        .select('id')
        .where('token_hash', 'in', [...hashes])
        .where('user_id', '=', userId)
        .where('expires_at', '>', now)
        .limit(1)
        .executeTakeFirst();
      return row !== undefined;
    },
    renew: async (hashes, device) => {
      if (hashes.length === 0) return false;
      const row = await tx
        .updateTable(DEVICES)
        .set(rowOf(device))
        .where('id', '=', (eb) =>
          eb
            .selectFrom(DEVICES)
            .select('id')
            .where('token_hash', 'in', [...hashes])
            .where('user_id', '=', device.userId)
            .where('expires_at', '>', device.now)
            .limit(1)
            .forUpdate(),
        )
        .returning('id')
        .executeTakeFirst();
      return row !== undefined;
    },
    add: async (device) => {
      await tx
        .insertInto(DEVICES)
        .values({ ...rowOf(device), user_id: device.userId, created_at: device.now })
        .execute();
      await sql`
        delete from countersign.known_device where id in (
          select id from countersign.known_device where user_id = ${device.userId}
          order by last_used_at desc, id offset ${DEVICES_PER_PERSON}
        )`.execute(tx);
    },
    end: async (id, userId) => {
      const row = await tx
        .deleteFrom(DEVICES)
        .where('id', '=', id)
        .where('user_id', '=', userId)
        .returning('id')
        .executeTakeFirst();
      return row !== undefined;
    },
    endAll: async (userId, now) => {
      const rows = await tx
        .deleteFrom(DEVICES)
        .where('user_id', '=', userId)
        .returning('expires_at')
        .execute();
      return rows.filter((row) => row.expires_at > now).length;
    },
  };
}

function rowOf({ tokenHash, userAgent, address, now, expiresAt }: RememberedDevice) {
  return {
    token_hash: tokenHash,
    user_agent: userAgent.slice(0, 300),
    address,
    last_used_at: now,
    expires_at: expiresAt,
  };
}
