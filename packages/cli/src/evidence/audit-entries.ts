import { createHash } from 'node:crypto';
import type { ClientBase } from 'pg';

/** One row of the audit table. */
export interface AuditEntry {
  readonly seq: number;
  readonly id: string;
  /** RFC 3339, UTC. */
  readonly at: string;
  readonly event: string;
  readonly outcome: string;
  readonly operation: string | null;
  readonly methods: readonly string[];
  readonly aal: number | null;
  readonly reason: string | null;
  /** Base64 of the bytes that were hashed. */
  readonly entry: string;
  /** Hex, as stored. */
  readonly leafHash: string;
  /** Hex SHA-256(0x00 || entry), computed here from the bytes. */
  readonly recomputedHash: string;
}

/** The entries of tenants and their people after `sinceSeq`, oldest first. */
export async function readAuditEntries(
  client: ClientBase,
  options: {
    readonly tenantIds: readonly string[];
    readonly userIds: readonly string[];
    readonly sinceSeq: number;
  },
): Promise<readonly AuditEntry[]> {
  const { tenantIds, userIds, sinceSeq } = options;
  const result = await client.query<Row>(
    `select seq, id, at, event, outcome, operation, methods, aal, reason, entry, leaf_hash
     from countersign.audit_event
     where (tenant_id = any($1) or actor_id = any($2)) and seq > $3 order by seq`,
    [tenantIds, userIds, sinceSeq],
  );
  return result.rows.map((row) => ({
    seq: Number(row.seq),
    id: row.id,
    at: row.at.toISOString(),
    event: row.event,
    outcome: row.outcome,
    operation: row.operation,
    methods: row.methods,
    aal: row.aal,
    reason: row.reason,
    entry: row.entry.toString('base64'),
    leafHash: row.leaf_hash.toString('hex'),
    recomputedHash: createHash('sha256').update(Uint8Array.of(0)).update(row.entry).digest('hex'),
  }));
}

/** The number of the newest entry of all; 0 when there is none. */
export async function readLastSeq(client: ClientBase): Promise<number> {
  const { rows } = await client.query<{ seq: string | null }>(
    'select max(seq) as seq from countersign.audit_event',
  );
  return Number(rows[0]?.seq ?? 0);
}

interface Row {
  readonly seq: string;
  readonly id: string;
  readonly at: Date;
  readonly event: string;
  readonly outcome: string;
  readonly operation: string | null;
  readonly methods: readonly string[];
  readonly aal: number | null;
  readonly reason: string | null;
  readonly entry: Buffer;
  readonly leaf_hash: Buffer;
}
