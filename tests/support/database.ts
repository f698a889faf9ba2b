import { Client, type QueryResultRow } from 'pg';
import type { TestPortal } from './test-portal.ts';

/** Rows read as the owner. */
export async function rowsOf<Row extends QueryResultRow>(
  portal: TestPortal,
  text: string,
  values: readonly unknown[] = [],
): Promise<Row[]> {
  return (await portal.owner.query<Row>(text, [...values])).rows;
}

/** One number read as the owner: `select count(*)::int as n …`. */
export async function numberOf(
  portal: TestPortal,
  text: string,
  values: readonly unknown[] = [],
): Promise<number> {
  return (await rowsOf<{ n: number }>(portal, text, values))[0]?.n ?? -1;
}

/** Entries of one person with this event, oldest first. */
export function entriesOf(portal: TestPortal, actorId: string, event: string) {
  return rowsOf<{ outcome: string; reason: string | null; request_id: string | null }>(
    portal,
    `select outcome, reason, request_id from countersign.audit_event
     where actor_id = $1 and event = $2 order by seq`,
    [actorId, event],
  );
}

/** Every value of every table the portal keeps, as text: what a stolen backup holds. */
export async function dumpDatabase(portal: TestPortal): Promise<string> {
  const tables = await rowsOf<{ name: string }>(
    portal,
    `select format('%I.%I', schemaname, tablename) as name from pg_tables
     where schemaname in ('public', 'countersign', 'pgboss', 'portal')`,
  );
  const parts: string[] = [];
  for (const { name } of tables) {
    const rows = await rowsOf<{ line: string }>(portal, `select t::text as line from ${name} t`);
    parts.push(...rows.map((row) => row.line));
    if (name === 'countersign.audit_event') {
      // The entry's bytes are shown as hex above: their text is what must hold no secret.
      const entries = await rowsOf<{ line: string }>(
        portal,
        `select convert_from(entry, 'UTF8') as line from countersign.audit_event`,
      );
      parts.push(...entries.map((row) => row.line));
    }
  }
  return parts.join('\n');
}

/** Runs work as the application role, which is what a broken portal could do. */
export async function asApplication<T>(
  portal: TestPortal,
  work: (client: Client) => Promise<T>,
): Promise<T> {
  const client = new Client({ connectionString: portal.urls.applicationUrl });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}
