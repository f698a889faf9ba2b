import type { Actor } from '@countersign/server';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { streamParts } from '../../apps/portal/server/exports/download-export.ts';
import { sweepExports } from '../../apps/portal/server/exports/sweep-exports.ts';
import { type ExportDesk, exportDesk } from '../support/export-desk.ts';
import { type PortalDatabase, startPortalDatabase } from '../support/portal-database.ts';

let portal: PortalDatabase;
beforeAll(async () => {
  portal = await startPortalDatabase();
});
afterAll(() => portal.stop());

/** Administrator of a tenant of its own for every test. */
let actor: Actor;
let desk: ExportDesk;
beforeEach(async () => {
  [actor] = await portal.hire('administrator');
  desk = exportDesk(portal, actor);
  // Unfinished exports of earlier tests are nobody's work here.
  await portal.owner.query('delete from portal.export');
});

test('twenty downloads at once: one gets the file, and one download is recorded', async () => {
  await desk.fill(10);
  const id = await desk.made();
  const taken = await Promise.all(Array.from({ length: 20 }, () => desk.take(id)));
  expect(taken.filter((it) => it !== null)).toHaveLength(1);
  expect(await desk.entriesOf('export.downloaded')).toMatchObject([
    { actorId: actor.userId, requestId: 'r', details: { exportId: id, rows: 10 } },
  ]);
  expect(await desk.find(id)).toMatchObject({ state: 'downloaded', downloadable: false });
});

/** What keeps a ready file from being handed out. */
const OBSTACLES: readonly (readonly [string, string])[] = [
  ['the hour is over', `update portal.export set expires_at = now() where user_id = $1`],
  ['the person is no administrator', `update member set role = 'person' where "userId" = $1`],
  ['the person left', `delete from member where "userId" = $1`],
  [
    'the session is over',
    'update countersign.authentication_session set ended_at = now() where user_id = $1',
  ],
];

for (const [obstacle, text] of OBSTACLES) {
  test(`a ready file is not handed out when ${obstacle}`, async () => {
    await desk.fill(3);
    const id = await desk.made();
    await portal.owner.query(text, [actor.userId]);
    expect(await desk.take(id)).toBeNull();
    expect(await desk.entriesOf('export.downloaded')).toEqual([]);
    expect(await desk.partsOf(id)).toBeGreaterThan(0);
  });
}

test('a file is for the session that asked: not for another of the person, a colleague, another tenant', async () => {
  await desk.fill(3);
  const id = await desk.made();
  const [stranger] = await portal.hire('administrator');
  for (const change of [
    { sid: stranger.sid },
    { userId: stranger.userId, sid: stranger.sid },
    { tenantId: stranger.tenantId },
  ]) {
    expect(await desk.take(id, { ...actor, ...change })).toBeNull();
  }
  expect(await desk.find(id, { ...actor, sid: stranger.sid })).toMatchObject({
    downloadable: false,
  });
  expect(await desk.find(id, stranger)).toBeNull();
  expect(await desk.find(id, actor, false)).toMatchObject({ downloadable: false });
  expect(await desk.find(id)).toMatchObject({ downloadable: true });
  expect(await desk.take(id)).not.toBeNull();
});

test('the parts of a file are gone once it was read, and once its reader went away', async () => {
  await desk.fill(20_000);
  const id = await desk.made();
  expect(await desk.partsOf(id)).toBeGreaterThan(1);
  await desk.download(id);
  expect(await desk.partsOf(id)).toBe(0);
  const second = await desk.made();
  const taken = await desk.take(second);
  if (taken === null) throw new Error('not to be had');
  const reader = streamParts(portal.pool, taken, () => undefined).getReader();
  await reader.read();
  await reader.cancel();
  expect(await desk.partsOf(second)).toBe(0);
});

test('a file in many parts is read one part at a time, and a missing part breaks it off', async () => {
  await desk.fill(3);
  const id = await desk.made();
  const data = Buffer.alloc(1000, 'x');
  await portal.owner.query('delete from portal.export_part where export_id = $1', [id]);
  for (const number of [0, 1, 3]) {
    await portal.owner.query('insert into portal.export_part values ($1, $2, $3)', [
      id,
      number,
      data,
    ]);
  }
  await portal.owner.query('update portal.export set bytes = 4000 where id = $1', [id]);
  const taken = await desk.take(id);
  if (taken === null) throw new Error('not to be had');
  const reader = streamParts(portal.pool, taken, () => undefined).getReader();
  expect((await reader.read()).value?.length).toBe(1000);
  expect((await reader.read()).value?.length).toBe(1000);
  await expect(reader.read()).rejects.toThrow('missing');
});

test('a file nobody fetched is deleted after its hour, and that is recorded once', async () => {
  await desk.fill(3);
  const id = await desk.made();
  await Promise.all([sweepExports(portal.database), sweepExports(portal.database)]);
  expect(await desk.find(id)).toMatchObject({ state: 'ready' });
  await portal.owner.query('update portal.export set expires_at = now(), purge_at = now()');
  expect(await desk.find(id)).toMatchObject({ state: 'expired', downloadable: false });
  await Promise.all([sweepExports(portal.database), sweepExports(portal.database)]);
  expect(await desk.partsOf(id)).toBe(0);
  expect(await desk.entriesOf('export.expired')).toMatchObject([
    { details: { exportId: id, rows: 3 } },
  ]);
  expect(await desk.find(id)).toMatchObject({ state: 'expired' });
});

test('what a broken download left behind is deleted an hour later, without an event', async () => {
  await desk.fill(3);
  const id = await desk.made();
  await desk.take(id);
  expect(await desk.partsOf(id)).toBeGreaterThan(0);
  await portal.owner.query('update portal.export set purge_at = now()');
  await sweepExports(portal.database);
  expect(await desk.partsOf(id)).toBe(0);
  expect(await desk.entriesOf('export.expired')).toEqual([]);
  expect(await desk.find(id)).toMatchObject({ state: 'downloaded' });
});
