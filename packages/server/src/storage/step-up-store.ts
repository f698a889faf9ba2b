import { type Selectable, sql, type Transaction } from 'kysely';
import type { StepUpRow, StepUpStore } from '../ceremonies/ports.ts';
import type { CountersignTables } from './tables.ts';

const STEP_UPS = 'countersign.step_up';

export function stepUpStore(tx: Transaction<CountersignTables>): StepUpStore {
  return { ...challenges(tx), ...grants(tx) };
}

function challenges(
  tx: Transaction<CountersignTables>,
): Pick<StepUpStore, 'open' | 'lock' | 'verify'> {
  return {
    open: async (row) => {
      const inserted = await tx
        .insertInto(STEP_UPS)
        .values({
          sid: row.sid,
          user_id: row.userId,
          tenant_id: row.tenantId ?? '',
          operation: row.operation,
          parameters_hash: row.parametersHash,
          display_hash: row.displayHash,
          display_salt: row.displaySalt,
          display: JSON.stringify(row.display),
          methods: [...row.methods],
          created_at: row.now,
          expires_at: row.expiresAt,
        })
        .returning('id')
        .executeTakeFirstOrThrow();
      return inserted.id;
    },
    lock: async (id, sid) => {
      const row = await tx
        .selectFrom(STEP_UPS)
        .selectAll()
        .where('id', '=', id)
        .where('sid', '=', sid)
        .forUpdate()
        .executeTakeFirst();
      return row === undefined ? null : toStepUp(row);
    },
    verify: async ({ id, method, authenticatorId, grantHash, now, grantExpiresAt }) => {
      const row = await tx
        .updateTable(STEP_UPS)
        .set({
          method,
          authenticator_id: authenticatorId,
          grant_hash: grantHash,
          verified_at: now,
          grant_expires_at: grantExpiresAt,
        })
        .where('id', '=', id)
        .where('verified_at', 'is', null)
        .where('expires_at', '>', now)
        .returning('id')
        .executeTakeFirst();
      return row !== undefined;
    },
  };
}

function grants(
  tx: Transaction<CountersignTables>,
): Pick<StepUpStore, 'findByGrant' | 'consume' | 'keepResponse'> {
  return {
    findByGrant: async (grantHash) => {
      const row = await tx
        .selectFrom(STEP_UPS)
        .selectAll()
        .where('grant_hash', '=', grantHash)
        .executeTakeFirst();
      return row === undefined ? null : toStepUp(row);
    },
    consume: async (id, now) => {
      const row = await tx
        .updateTable(STEP_UPS)
        .set({ consumed_at: now })
        .where('id', '=', id)
        .where('consumed_at', 'is', null)
        .where('grant_expires_at', '>', now)
        .where((eb) =>
          eb.exists(
            eb
              .selectFrom('countersign.authenticator as a')
              .select('a.id')
              .whereRef('a.id', '=', 'countersign.step_up.authenticator_id'),
          ),
        )
        .returning('id')
        .executeTakeFirst();
      return row !== undefined;
    },
    keepResponse: async (id, response) => {
      await tx
        .updateTable(STEP_UPS)
        .set({ response, display: sql<string>`jsonb_set(display, '{items}', '[]')` })
        .where('id', '=', id)
        .execute();
    },
  };
}

function toStepUp(row: Selectable<CountersignTables['countersign.step_up']>): StepUpRow {
  return {
    id: row.id,
    sid: row.sid,
    userId: row.user_id,
    tenantId: row.tenant_id,
    operation: row.operation,
    parametersHash: row.parameters_hash,
    displayHash: row.display_hash,
    displaySalt: row.display_salt,
    display: row.display,
    methods: row.methods,
    expiresAt: row.expires_at,
    method: row.method,
    authenticatorId: row.authenticator_id,
    verifiedAt: row.verified_at,
    grantExpiresAt: row.grant_expires_at,
    consumedAt: row.consumed_at,
    response: row.response,
  };
}
