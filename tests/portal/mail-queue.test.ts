import { randomBytes } from 'node:crypto';
import { openDatabase, openMailJobs } from '@countersign/server';
import { Pool } from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../support/test-database.ts';

const MAILS = 20;
/** A pause of half a second after each would take twice as long. */
const PATIENCE_MS = 5000;

let made: TestDatabase;
beforeAll(async () => {
  made = await createTestDatabase();
});
afterAll(() => made.stop());

test('mails that wait are sent in their order, without a pause between them', async () => {
  const pool = new Pool({ connectionString: made.applicationUrl });
  // PostgreSQL may stop before the last connection has said goodbye.
  pool.on('error', () => undefined);
  const mail = await openMailJobs({
    connectionString: made.applicationUrl,
    sealKeys: [randomBytes(32)],
    onError: (error) => expect.unreachable(error.message),
  });
  try {
    const to = Array.from({ length: MAILS }, (_, index) => `${index}@example.org`);
    for (const address of to) {
      await openDatabase(pool, mail.queue).transaction((unit) =>
        unit.notify({ to: address, subject: 'Word', text: 'Word.' }),
      );
    }
    const sent: string[] = [];
    await mail.work(async (notice) => {
      sent.push(notice.to);
    });
    await expect.poll(() => sent, { timeout: PATIENCE_MS, interval: 20 }).toEqual(to);
  } finally {
    await mail.stop();
    await pool.end();
  }
});
