import { get } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { dataExport } from '../../apps/portal/server/exports/request-export.ts';
import {
  type EnrolledPerson,
  makeEnrolledPeople,
  personAt,
  SESSION_COOKIE,
} from '../../tests/support/enrolled-people.ts';
import { type PortalProcess, startPortalProcess } from '../../tests/support/portal-process.ts';
import { planActs, prepareGrants } from '../../tests/support/prepared-grants.ts';
import type { BenchDatabase } from '../database.ts';
import type { Measure } from '../report.ts';
import { type MemoryUse, watchMemory } from '../resident-memory.ts';
import type { Scenario } from '../stage.ts';
import { median } from '../statistics.ts';

const TARGET_MB = 150;
const IDLE_MS = 5000;

/** A full export of a million records by the portal itself, and what it takes of memory over idle. */
export const exported: Scenario = async ({ database, isQuick }) => {
  const rows = isQuick ? 200_000 : 1_000_000;
  const name = `Export ${Date.now()}`;
  const [person] = await makeEnrolledPeople(database, { name, role: 'administrator', count: 1 });
  if (person === undefined) throw new TypeError('nobody is there');
  await fill(database, person.tenantId, rows);
  const grant = await confirmExport(database, person);
  const portal = await startPortalProcess(database);
  try {
    return await measure({ portal, person, grant, rows });
  } finally {
    await portal.stop();
  }
};

interface ExportRun {
  readonly portal: PortalProcess;
  readonly person: EnrolledPerson;
  readonly grant: string;
  readonly rows: number;
}

async function measure({ portal, person, grant, rows }: ExportRun) {
  const { pid, baseUrl } = portal;
  const browser = personAt(baseUrl, person);
  // A process that has answered nothing yet is smaller than an idle one.
  for (let count = 0; count < 20; count += 1) await (await browser.get('/api/records')).text();
  const idle = await watchMemory(pid, () => sleep(IDLE_MS));
  const idleMb = median(idle.memory.samples);

  const asked = await browser.post(
    '/api/exports',
    { format: 'ndjson' },
    { 'countersign-grant': grant },
  );
  if (asked.status !== 202) throw new Error(`the export was answered ${asked.status}`);
  const { id } = z.object({ id: z.uuid() }).parse(await asked.json());
  const made = await timed(pid, () => untilReady(portal, person, id));
  const fetched = await timed(pid, () => download(portal, person, id));
  return {
    measures: [
      { measure: 'records', ours: rows },
      { measure: 'zip MB', ours: fetched.result / 1e6 },
      { measure: 'records per second, making', ours: rows / made.seconds },
      { measure: 'MB per second, downloading', ours: fetched.result / 1e6 / fetched.seconds },
      { measure: 'idle MB', ours: idleMb },
      overIdle('making', made.memory, idleMb),
      overIdle('downloading', fetched.memory, idleMb),
    ],
    rounds: [{ idle: idle.memory, making: made.memory, downloading: fetched.memory }],
  };
}

function overIdle(what: string, { peakMb }: MemoryUse, idleMb: number): Measure {
  const ours = peakMb - idleMb;
  const target = { below: TARGET_MB };
  return { measure: `MB over idle, ${what}`, ours, target, isMet: ours < TARGET_MB };
}

async function timed<T>(pid: number, work: () => Promise<T>) {
  const startedAt = performance.now();
  const watched = await watchMemory(pid, work);
  return { ...watched, seconds: (performance.now() - startedAt) / 1000 };
}

async function fill({ owner }: BenchDatabase, tenantId: string, rows: number): Promise<void> {
  await owner.query(
    `insert into portal.record (tenant_id, external_id, name, note)
     select $1, 'P-' || lpad(n::text, 8, '0'), 'Person number ' || n,
            'Seen on day ' || n % 365 || ', next appointment in ' || n % 12 || ' weeks; ' || md5(n::text)
     from generate_series(1, $2::int) n`,
    [tenantId, rows],
  );
  await owner.query('vacuum analyze portal.record');
}

async function confirmExport(database: BenchDatabase, person: EnrolledPerson): Promise<string> {
  const params = { format: 'ndjson' } as const;
  const acts = await planActs(database, dataExport, [{ person, params }]);
  const operation = { name: 'data.export', operation: dataExport };
  const [prepared] = await prepareGrants(database.owner, operation, acts);
  if (prepared === undefined) throw new TypeError('there is no grant');
  return prepared.grant;
}

const exportSchema = z.object({ state: z.string(), downloadable: z.boolean() });

async function untilReady(
  { baseUrl }: PortalProcess,
  person: EnrolledPerson,
  id: string,
): Promise<void> {
  const browser = personAt(baseUrl, person);
  for (;;) {
    const { state } = exportSchema.parse(await (await browser.get(`/api/exports/${id}`)).json());
    if (state === 'ready') return;
    if (state !== 'waiting' && state !== 'running') throw new Error(`the export is ${state}`);
    await sleep(200);
  }
}

/** Fetches the file and throws it away as it comes; resolves to its bytes. */
function download({ baseUrl }: PortalProcess, person: EnrolledPerson, id: string): Promise<number> {
  const { port } = new URL(baseUrl);
  return new Promise((resolve, reject) => {
    const call = get({
      host: '127.0.0.1',
      port,
      path: `/api/exports/${id}/file`,
      headers: { host: `localhost:${port}`, cookie: `${SESSION_COOKIE}=${person.cookie}` },
    });
    call.once('error', reject);
    call.once('response', (response) => {
      if (response.statusCode !== 200) reject(new Error(`the file was ${response.statusCode}`));
      let bytes = 0;
      response.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
      });
      response.once('error', reject);
      response.once('end', () => resolve(bytes));
    });
  });
}
