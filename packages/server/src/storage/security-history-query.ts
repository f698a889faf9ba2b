import { type Kysely, sql } from 'kysely';
import type { SecurityEvent, SecurityHistory } from '../contract/index.ts';
import { securityEvents, securityOperations } from '../events/security-history.ts';
import { personalValue } from './audit-query.ts';
import type { CountersignTables } from './tables.ts';

/**
 * What happened to one person's account, newest first, in whichever tenant they were signed in; `cursor`
 * continues below the last one seen.
 */
export async function listSecurityEvents(
  db: Kysely<CountersignTables>,
  asked: {
    readonly userId: string;
    readonly cursor?: string | undefined;
    readonly limit: number;
  },
): Promise<SecurityHistory> {
  const { userId, cursor, limit } = asked;
  let query = db
    .selectFrom('countersign.audit_event as e')
    .select(['e.id', 'e.seq', 'e.at', 'e.event', 'e.outcome', 'e.operation', 'e.methods'])
    .select(['e.reason', personalValue('source').as('address')])
    .select(personalValue('userAgent').as('userAgent'))
    .where('e.actor_id', '=', userId)
    .where((eb) =>
      eb.or([
        eb('e.event', '=', sql<string>`any(${securityEvents})`),
        eb.and([
          eb('e.event', '=', 'operation.committed'),
          eb('e.operation', '=', sql<string>`any(${securityOperations})`),
        ]),
      ]),
    )
    .orderBy('e.at', 'desc')
    .orderBy('e.seq', 'desc')
    .limit(limit + 1);
  if (cursor !== undefined) {
    // Another's entry as a cursor finds nothing, and so does what is below it.
    query = query.where(
      sql<boolean>`(e.at, e.seq) < (select x.at, x.seq from countersign.audit_event x
                                    where x.seq = ${cursor} and x.actor_id = ${userId})`,
    );
  }
  const rows = await query.execute();
  const items = rows.slice(0, limit).map(
    (row): SecurityEvent => ({
      id: row.id,
      at: row.at.toISOString(),
      event: row.event,
      outcome: row.outcome,
      operation: row.operation,
      methods: row.methods,
      // Which half of an answer was wrong is not for whoever sits at the person's screen.
      reason: row.event.startsWith('session.') ? row.reason : null,
      address: row.address,
      userAgent: row.userAgent,
    }),
  );
  const last = rows[limit - 1];
  return { items, nextCursor: rows.length > limit && last ? last.seq : null };
}
