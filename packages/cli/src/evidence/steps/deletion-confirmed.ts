import { answered, fails, findExchange, recorded, rowsShow, screenShows } from '../checks.ts';
import { fieldOf, headerOf } from '../exchange.ts';
import type { Observation, Step } from '../step.ts';
import { SEEDED_RECORDS } from './deletion-refused.ts';

const PURGE = { method: 'POST', path: '/api/records/purge', by: 'browser' } as const;
const REUSED = { note: 'the used grant, for another record' } as const;
const [FIRST, SECOND] = [SEEDED_RECORDS[0], SEEDED_RECORDS[1]];

export const deletionConfirmed: Step = {
  name: 'deletion-confirmed',
  title: 'Deletion with step-up',
  rule: 'A fresh code confirms exactly what is shown: it is done once, recorded in the same transaction, and answered with a receipt.',
  act: async ({ page, capture, send, cookie, nextCode, memory }) => {
    for (const [, name] of [FIRST, SECOND]) await page.getByLabel(`Select ${name}`).check();
    await page.getByRole('button', { name: 'Delete 2 records' }).click();
    const dialog = page.getByRole('dialog', { name: 'Permanently delete 2 records' });
    await dialog.getByLabel('Code from your authenticator app').waitFor();
    await capture('confirmation');
    const retried = page.waitForRequest((it) => 'countersign-grant' in it.headers());
    const code = await nextCode(6000);
    await dialog.getByLabel('Code from your authenticator app').fill(code);
    await dialog.getByRole('button', { name: 'Delete 2 records' }).click();
    const grant = (await retried).headers()['countersign-grant'] ?? '';
    await page.getByRole('heading', { name: '2 records deleted' }).waitFor();
    await capture('receipt');
    await send({
      ...REUSED,
      method: 'POST',
      path: '/api/records/purge',
      cookie: await cookie(),
      json: { recordIds: memory.recordIds.slice(2, 3) },
      headers: { 'countersign-grant': grant },
    });
  },
  checks: [
    screenShows('confirmation', {
      expected: 'The dialog names what will be deleted, and that it cannot be undone.',
      path: '/app',
      texts: [
        'Permanently delete 2 records',
        `${FIRST[1]} (${FIRST[0]})`,
        `${SECOND[1]} (${SECOND[0]})`,
        'This cannot be undone.',
      ],
    }),
    screenShows('receipt', {
      expected: 'The receipt is shown, with the factor and the hash of the audit entry.',
      path: '/app',
      texts: ['2 records deleted', 'Authenticator app', 'Audit entry hash'],
    }),
    answered(PURGE, {
      expected: 'The retry with the grant is answered with a receipt for two records.',
      status: 200,
      also: ({ body, requestHeaders }) => {
        const deleted = fieldOf(body, 'deleted');
        const method = fieldOf(body, 'receipt', 'method');
        const hasGrant = headerOf(requestHeaders, 'countersign-grant') !== null;
        return {
          holds: deleted === 2 && method === 'totp' && hasGrant,
          observed: `deleted: ${String(deleted)}, confirmed by ${String(method)}, grant sent: ${hasGrant}`,
        };
      },
    }),
    answered(REUSED, {
      expected: 'The same grant for a third record is refused: it was used.',
      status: 409,
      code: 'grant_consumed',
    }),
    rowsShow('Exactly the two records shown are gone, under one used grant.', judgeRows),
    recorded('step-up.verified', {
      expected: 'The confirmation is recorded.',
      where: ({ operation }) => operation === 'records.purge',
    }),
    recorded('operation.committed', {
      expected: 'The act is recorded, and its entry has the hash that the receipt names.',
      where: ({ operation, leafHash }, seen) =>
        operation === 'records.purge' && leafHash === receiptOf(seen, 'entryHash'),
    }),
  ],
};

function judgeRows(seen: Observation) {
  const { before, after } = seen;
  const gone = before.records.filter((id) => !after.records.includes(id));
  const used = after.stepUps.filter(({ consumedAt }) => consumedAt !== null);
  const [grant] = used;
  if (grant === undefined) return fails(`${gone.length} records gone, no grant used`);
  const isBound =
    grant.parametersHash === receiptOf(seen, 'parametersHash') &&
    grant.displayHash === receiptOf(seen, 'displayHash');
  return {
    holds: gone.join() === [FIRST[0], SECOND[0]].join() && used.length === 1 && isBound,
    observed: `gone: ${gone.join(', ') || 'none'}; ${used.length} grant used, bound to the receipt's hashes: ${isBound}`,
  };
}

function receiptOf({ exchanges }: Observation, field: string): unknown {
  return fieldOf(findExchange(exchanges, PURGE)?.body ?? null, 'receipt', field);
}
