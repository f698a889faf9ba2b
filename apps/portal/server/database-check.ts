import { Client, DatabaseError } from 'pg';

export type CheckedDatabase =
  | { readonly ok: true; readonly majorVersion: number }
  | { readonly ok: false; readonly fault: string };

const OLDEST_VERSION = 15;
const REFUSALS: Readonly<Record<string, string>> = {
  '28P01': 'refuses the user name or password',
  '28000': 'refuses this user or this connection',
  '3D000': 'has no such database',
  '53300': 'has no connection left',
  '57P03': 'is starting or shutting down',
};

/**
 * Connects once and reports what keeps a portal from working there, as one line.
 *
 * `name` is the variable the URL came from. The line names host and port and never the password.
 */
export async function checkDatabase(options: {
  readonly name: string;
  readonly url: string;
}): Promise<CheckedDatabase> {
  const { name, url } = options;
  const parts = URL.parse(url);
  const place = `${parts?.hostname || 'localhost'}:${parts?.port || '5432'}`;
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 5_000 });
  client.on('error', () => undefined);
  try {
    await client.connect();
    const shown = await client.query<{ server_version_num: string }>('show server_version_num');
    const majorVersion = Math.floor(Number(shown.rows[0]?.server_version_num) / 10_000);
    if (majorVersion >= OLDEST_VERSION) return { ok: true, majorVersion };
    const fault = `PostgreSQL ${majorVersion} at ${place} is too old, ${OLDEST_VERSION} is the oldest that works`;
    return { ok: false, fault: `${name}: ${fault}` };
  } catch (error) {
    return { ok: false, fault: `${name}: ${describe(error, place)}` };
  } finally {
    await client.end().catch(() => undefined);
  }
}

function describe(error: unknown, place: string): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : undefined;
  if (!(error instanceof DatabaseError)) {
    return `no PostgreSQL answers at ${place} (${code ?? 'no usable answer'})`;
  }
  return `PostgreSQL at ${place} ${REFUSALS[code ?? ''] ?? `answers with error ${code}`}`;
}
