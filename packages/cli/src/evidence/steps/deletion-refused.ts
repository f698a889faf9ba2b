import { answered, notRecorded, recorded, rowsShow, screenShows } from '../checks.ts';
import { fieldOf, headerOf } from '../exchange.ts';
import type { Step } from '../step.ts';

const PURGE = { note: 'deletion with the session alone' } as const;

/** Names are invented; external ids sort as the names do. */
export const SEEDED_RECORDS = [
  ['EV-001', 'Abbot, Nora', 'Throwaway record'],
  ['EV-002', 'Bell, Oskar', 'Throwaway record'],
  ['EV-003', 'Cruz, Pilar', 'Throwaway record'],
  ['EV-004', 'Dunn, Quentin', 'Throwaway record'],
  ['EV-005', 'Egede, Rosa', 'Throwaway record'],
] as const;

export const deletionRefused: Step = {
  name: 'deletion-refused',
  title: 'Deletion refused without step-up',
  rule: 'A session alone, though signed in with both factors, deletes nothing.',
  prepare: async ({ send, cookie, memory }) => {
    const session = await cookie();
    const lines = SEEDED_RECORDS.map(([id, name, note]) => `${id},"${name}",${note}`);
    await send({
      note: 'records to delete',
      method: 'POST',
      path: '/api/records/import',
      cookie: session,
      csv: `${['externalId,name,note', ...lines].join('\n')}\n`,
    });
    const listed = await send({
      note: 'their ids',
      method: 'GET',
      path: '/api/records',
      cookie: session,
    });
    memory.recordIds = SEEDED_RECORDS.map((_, index) =>
      String(fieldOf(listed.body, 'items', index, 'id')),
    );
  },
  act: async ({ page, visit, send, cookie, capture, memory }) => {
    const recordIds = memory.recordIds.slice(0, 1);
    const path = '/api/records/purge';
    await send({ ...PURGE, method: 'POST', path, cookie: await cookie(), json: { recordIds } });
    await visit('/app');
    await page.getByRole('table', { name: 'Records' }).waitFor();
    await capture('records-kept');
  },
  checks: [
    screenShows('records-kept', {
      expected: 'All five records are still listed.',
      path: '/app',
      texts: SEEDED_RECORDS.map(([, name]) => name),
    }),
    answered(PURGE, {
      expected: 'The request is refused with a challenge that says what it would cover.',
      status: 401,
      code: 'step_up_required',
      also: ({ body, headers }) => {
        const title = fieldOf(body, 'challenge', 'display', 'title');
        const asked = headerOf(headers, 'www-authenticate') ?? '';
        return {
          holds:
            title === 'Permanently delete 1 record' &&
            asked.includes('insufficient_user_authentication'),
          observed: `challenge “${String(title)}”, ${asked.split(',')[0] || 'no WWW-Authenticate'}`,
        };
      },
    }),
    rowsShow('All records are there; one challenge is open and nothing granted.', (seen) => {
      const { before, after } = seen;
      const opened = after.stepUps.slice(before.stepUps.length);
      const granted = after.stepUps.filter(({ grantHash }) => grantHash !== null).length;
      return {
        holds:
          before.records.length === SEEDED_RECORDS.length &&
          after.records.length === before.records.length &&
          opened.length === 1 &&
          granted === 0,
        observed: `${before.records.length} records before, ${after.records.length} after; ${opened.length} challenge, ${granted} granted`,
      };
    }),
    recorded('step-up.required', {
      expected: 'The refusal is recorded.',
      where: ({ operation, outcome }) => operation === 'records.purge' && outcome === 'denied',
    }),
    notRecorded('operation.committed', 'No act is recorded.'),
  ],
};
