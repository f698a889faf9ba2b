import { createServer } from 'node:http';
import { getRequestListener } from '@hono/node-server';
import { Pool } from 'pg';
import { z } from 'zod';
import { yieldToRequests } from '../apps/portal/server/yield-to-requests.ts';
import { benchApp } from './app.ts';
import { openSides } from './server-context.ts';

/** The process under load. Says `ready`, answers every message with its CPU time so far. */
const { BENCH_DATABASE_URL, BENCH_SECRET, BENCH_PORT } = z
  .object({
    BENCH_DATABASE_URL: z.string(),
    BENCH_SECRET: z.string(),
    BENCH_PORT: z.coerce.number(),
  })
  .parse(process.env);

// As many connections as the portal has.
const pool = new Pool({ connectionString: BENCH_DATABASE_URL, max: 10, pipeline: true });
const sides = openSides({
  pool,
  secret: BENCH_SECRET,
  baseUrl: `http://localhost:${BENCH_PORT}`,
});
const server = createServer(getRequestListener(benchApp({ ...sides, pool }).fetch));

process.on('message', () => {
  const { user, system } = process.cpuUsage();
  process.send?.({ cpuMicros: user + system });
});
// Without its parent nobody measures anything.
process.on('disconnect', () => process.exit(0));
process.on('SIGTERM', () => process.exit(0));
// Both sides', as the portal does.
await yieldToRequests();
server.listen(BENCH_PORT, '127.0.0.1', () => process.send?.('ready'));
