import { CompiledQuery } from 'kysely';
import { PgBoss } from 'pg-boss';
import type { Notice } from '../ceremonies/ports.ts';
import type { MailQueue, Tx } from './database.ts';
import { openMail, sealMail } from './mail-seal.ts';

const MAIL = 'mail';

export interface MailJobs {
  readonly queue: MailQueue;
  /** Starts delivering; a delivery that throws is retried with back-off. */
  work(deliver: (notice: Notice & { readonly id: string }) => Promise<void>): Promise<void>;
  stop(): Promise<void>;
}

/**
 * Mail as jobs inserted in the transaction that caused them: sent if and only if it commits.
 * The schema is made by {@link migrateMailJobs}; this runs with the application role.
 */
export async function openMailJobs(options: {
  readonly connectionString: string;
  /** 32 bytes each, from every version of the secret, the present one first. */
  readonly sealKeys: readonly Uint8Array[];
  readonly onError: (error: Error) => void;
}): Promise<MailJobs> {
  const { connectionString, sealKeys, onError } = options;
  const boss = new PgBoss({ connectionString, migrate: false, createSchema: false, max: 2 });
  boss.on('error', onError);
  await boss.start();
  return {
    queue: async (tx, notice) => {
      const id = await boss.send(
        MAIL,
        { sealed: sealMail(sealKeys, JSON.stringify(notice)) },
        { db: executorOf(tx) },
      );
      if (id === null) throw new TypeError('the mail queue refused a job');
    },
    work: async (deliver) => {
      let worker = '';
      const options = { pollingIntervalSeconds: 0.5 };
      worker = await boss.work<{ sealed: string }>(MAIL, options, async (jobs) => {
        for (const { data, id } of jobs) {
          const notice: Notice = JSON.parse(openMail(sealKeys, data.sealed));
          await deliver({ ...notice, id });
        }
        // Where one was, another may wait: only an empty queue is left alone for a while.
        boss.notifyWorker(worker);
      });
    },
    stop: () => boss.stop({ graceful: true, timeout: 5000 }),
  };
}

/** Creates or upgrades the queue's schema, as the owner. */
export async function migrateMailJobs(ownerConnectionString: string): Promise<void> {
  const boss = new PgBoss({
    connectionString: ownerConnectionString,
    max: 1,
    supervise: false,
    schedule: false,
  });
  await boss.start();
  await boss.createQueue(MAIL, {
    retryLimit: 8,
    retryDelay: 5,
    retryBackoff: true,
    expireInSeconds: 60,
    deleteAfterSeconds: 24 * 3600,
  });
  await boss.stop({ graceful: false });
}

function executorOf(tx: Tx) {
  return {
    executeSql: async (text: string, values?: unknown[]) => {
      const result = await tx.executeQuery(CompiledQuery.raw(text, values ?? []));
      return { rows: result.rows };
    },
  };
}
