import { randomInt } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { receiptSchema } from '@countersign/server/contract';
import { z } from 'zod';
import { makeEnrolledPeople, type PortalSite, personAt } from './enrolled-people.ts';
import { type PortalProcess, startPortalProcess } from './portal-process.ts';
import {
  type PreparedPurge,
  type PurgeTrace,
  preparePurges,
  tracePurges,
} from './prepared-purges.ts';
import { purge } from './staff.ts';

export interface KillReport {
  /** Operations that were asked for. */
  readonly operations: number;
  readonly kills: number;
  /** Requests whose answer a kill swallowed. */
  readonly unanswered: number;
  /** Of these, how many had been done by the moment of the kill. */
  readonly doneUnanswered: number;
  readonly done: number;
  readonly actWithoutRecord: number;
  readonly recordWithoutAct: number;
  readonly grantSpentForNothing: number;
  /** One line for everything that is not as it must be. */
  readonly faults: readonly string[];
}

const LANES = 8;
/** Longest pause between the answer a kill waits for and the kill, in milliseconds. */
const AIM_MS = 20;

/** One operation and what its caller has seen of it. */
interface Attempt {
  readonly prepared: PreparedPurge;
  /** Whether its caller asks again, with the same grant, when no answer came. */
  readonly isPersistent: boolean;
  wasUnanswered: boolean;
  receiptId: string | null;
}

/**
 * Runs protected operations against one process that is killed and started again, at random moments
 * while they run. Of the callers left without an answer every second asks again later; what became of
 * the others' operations is what the kill left.
 */
export async function killDuringOperations(
  site: PortalSite,
  { operations, kills }: { readonly operations: number; readonly kills: number },
): Promise<KillReport> {
  const name = `Kill ${Date.now()}`;
  const people = await makeEnrolledPeople(site, { name, role: 'person', count: LANES });
  // Twice as many as must be asked for: no process is killed for want of work.
  const waiting = (await preparePurges(site, people, operations * 2)).map(
    (prepared, index): Attempt => ({
      prepared,
      isPersistent: index % 2 === 0,
      wasUnanswered: false,
      receiptId: null,
    }),
  );
  const asked = new Set<Attempt>();
  const faults: string[] = [];
  const mean = Math.floor(operations / (kills + 1));
  for (let life = 0; life <= kills; life += 1) {
    const portal = await startPortalProcess(site);
    const work = { portal, waiting, asked, faults };
    if (life < kills) await runUntilKilled(work, randomInt(Math.max(1, mean)));
    else await runToTheEnd(work, operations);
  }
  await untilNobodyIsConnected(site);
  const attempts = [...asked];
  const traces = await tracePurges(
    site,
    attempts.map(({ prepared }) => prepared),
  );
  return judge({ attempts, traces, kills, faults });
}

interface Life {
  readonly portal: PortalProcess;
  readonly waiting: Attempt[];
  readonly asked: Set<Attempt>;
  readonly faults: string[];
}

async function runUntilKilled(life: Life, answersBefore: number): Promise<void> {
  let answers = 0;
  let isKilled = false;
  const aimed = Promise.withResolvers<void>();
  if (answersBefore === 0) aimed.resolve();
  const lanes = Array.from({ length: LANES }, async () => {
    while (!isKilled && (await attempt(life, life.waiting.shift()))) {
      answers += 1;
      if (answers === answersBefore) aimed.resolve();
    }
  });
  const working = Promise.all(lanes).finally(aimed.resolve);
  await aimed.promise;
  await sleep(randomInt(AIM_MS + 1));
  isKilled = true;
  await life.portal.kill();
  await working;
}

async function runToTheEnd(life: Life, operations: number): Promise<void> {
  const { waiting, asked, portal } = life;
  const next = (): Attempt | undefined => {
    const isEnough = asked.size >= operations && waiting[0]?.wasUnanswered !== true;
    return isEnough ? undefined : waiting.shift();
  };
  const lanes = Array.from({ length: LANES }, async () => {
    while (await attempt(life, next())) {
      // Until nothing is waiting.
    }
  });
  await Promise.all(lanes);
  await portal.stop();
}

const answerSchema = z.object({ receipt: receiptSchema });

/** False when there was nothing to do or nobody answered any more. */
async function attempt(life: Life, current: Attempt | undefined): Promise<boolean> {
  if (current === undefined) return false;
  const { person, recordId, grant } = current.prepared;
  life.asked.add(current);
  try {
    const response = await purge(personAt(life.portal.baseUrl, person), [recordId], grant);
    const text = await response.text();
    if (response.status !== 200) {
      life.faults.push(`answered ${response.status} ${text.slice(0, 200)}`);
      return true;
    }
    current.receiptId = answerSchema.parse(JSON.parse(text)).receipt.id;
    return true;
  } catch {
    current.wasUnanswered = true;
    if (current.isPersistent) life.waiting.unshift(current);
    return false;
  }
}

/** PostgreSQL finishes or undoes what a killed process began only when it notices that it is gone. */
export async function untilNobodyIsConnected({ owner, urls }: PortalSite): Promise<void> {
  const role = decodeURIComponent(new URL(urls.applicationUrl).username);
  for (let checks = 0; checks < 100; checks += 1) {
    const { rows } = await owner.query<{ n: number }>(
      `select count(*)::int as n from pg_stat_activity
       where usename = $1 and state <> 'idle' and pid <> pg_backend_pid()`,
      [role],
    );
    if (rows[0]?.n === 0) return;
    await sleep(100);
  }
  throw new Error('transactions of a killed process are still open');
}

function judge(options: {
  readonly attempts: readonly Attempt[];
  readonly traces: readonly PurgeTrace[];
  readonly kills: number;
  readonly faults: readonly string[];
}): KillReport {
  const { attempts, traces, kills } = options;
  const count = (holds: (trace: PurgeTrace, attempt: Attempt) => boolean): number =>
    traces.filter((trace, index) => {
      const attempt = attempts[index];
      return attempt !== undefined && holds(trace, attempt);
    }).length;
  const counts = {
    actWithoutRecord: count((it) => it.isDone && it.entries.length === 0),
    recordWithoutAct: count((it) => !it.isDone && it.entries.length > 0),
    grantSpentForNothing: count((it) => it.isGrantSpent && !(it.isDone && it.entries.length === 1)),
  };
  const others = {
    'act whose grant is still good': count((it) => it.isDone && !it.isGrantSpent),
    'act with several records': count((it) => it.entries.length > 1),
    'receipt of no record': count(
      (it, { receiptId }) => receiptId !== null && it.entries[0] !== receiptId,
    ),
    'caller who asked again and has no receipt': count(
      (_, it) => it.isPersistent && it.receiptId === null,
    ),
  };
  const broken = Object.entries({ ...counts, ...others }).filter(([, number]) => number > 0);
  return {
    operations: attempts.length,
    kills,
    unanswered: attempts.filter((it) => it.wasUnanswered).length,
    doneUnanswered: count((it, { wasUnanswered }) => wasUnanswered && it.isDone),
    done: count((it) => it.isDone),
    ...counts,
    faults: [...options.faults, ...broken.map(([what, number]) => `${number} × ${what}`)],
  };
}
