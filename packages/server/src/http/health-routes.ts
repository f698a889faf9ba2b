import type { ServerContext } from './environment.ts';
import type { Routes } from './routes.ts';

/** Seconds a process may be away from the database's clock. */
const MAX_CLOCK_SKEW_SECONDS = 5;

interface Checks {
  readonly database: 'ok' | 'failed';
  readonly log: 'ok' | 'failed';
  readonly clock: 'ok' | 'failed';
}

/** `/healthz`: the process answers. `/readyz`: database, log and clock are fit to say yes to anyone. */
export function addHealthRoutes(context: ServerContext, routes: Routes): void {
  routes.open('/healthz', 'monitors ask; tells nothing but that the process runs', (c) =>
    c.json({ status: 'ok' }),
  );
  routes.open('/readyz', 'monitors ask; tells three words', async (c) => {
    const checks = await check(context);
    const isReady = Object.values(checks).every((it) => it === 'ok');
    return c.json({ status: isReady ? 'ok' : 'failed', checks }, isReady ? 200 : 503);
  });
}

async function check({ database }: ServerContext): Promise<Checks> {
  try {
    const before = Date.now();
    const result = await database.pool.query<{ now: Date; writable: boolean }>(
      `select clock_timestamp() as now,
              has_table_privilege('countersign.audit_event', 'insert') as writable`,
    );
    const row = result.rows[0];
    const middle = (before + Date.now()) / 2;
    const skewMs = Math.abs((row?.now.getTime() ?? 0) - middle);
    return {
      database: 'ok',
      log: row?.writable === true ? 'ok' : 'failed',
      clock: skewMs <= MAX_CLOCK_SKEW_SECONDS * 1000 ? 'ok' : 'failed',
    };
  } catch {
    return { database: 'failed', log: 'failed', clock: 'failed' };
  }
}
