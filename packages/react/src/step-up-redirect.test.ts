import { expect, test } from 'vitest';
import { memoryStorage } from './memory-storage.fixture.ts';
import {
  storePendingRedirect,
  storeResumption,
  takePendingRedirect,
  takeResumption,
} from './step-up-redirect.ts';

const pending = {
  challengeId: '0195f1a0-0000-7000-8000-000000000001',
  state: 'state-1',
  returnTo: '/app?q=adler',
  operation: 'records.purge',
  paramsKey: '{"recordIds":["a"]}',
};
const now = new Date('2026-11-14T10:00:00.000Z');
const later = (seconds: number) => new Date(now.getTime() + seconds * 1_000);
const life = { expiresAt: later(60).toISOString(), now };
const confirmed = { operation: 'records.purge', paramsKey: '{"recordIds":["a"]}', grant: 'grant' };
const wanted = { operation: 'records.purge', withParameters: true, now };

test('a journey is taken once, by its own state', () => {
  const storage = memoryStorage();
  storePendingRedirect(storage, pending);
  expect(takePendingRedirect(storage, 'state-1')).toEqual(pending);
  expect(takePendingRedirect(storage, 'state-1')).toBeNull();
});

test('an answer with another state takes nothing', () => {
  const storage = memoryStorage();
  storePendingRedirect(storage, pending);
  expect(takePendingRedirect(storage, 'state-2')).toBeNull();
  expect(takePendingRedirect(storage, 'state-1')).toEqual(pending);
});

test.each([
  '',
  'null',
  '[]',
  '{',
  '{"state":"state-1"}',
  JSON.stringify({ ...pending, paramsKey: 1 }),
  JSON.stringify({ ...pending, returnTo: null }),
])('what is no journey of ours is ignored: %j', (text) => {
  const storage = memoryStorage();
  storage.setItem('countersign.redirect', text);
  expect(takePendingRedirect(storage, 'state-1')).toBeNull();
});

test('a confirmed call is taken once, and is gone from the storage before it is used', () => {
  const storage = memoryStorage();
  storeResumption(storage, confirmed, life);
  expect(takeResumption(storage, wanted)).toMatchObject(confirmed);
  expect(storage.entries.size).toBe(0);
  expect(takeResumption(storage, wanted)).toBeNull();
});

test('a storage that keeps what it was told to remove gives nothing out', () => {
  const storage = memoryStorage();
  storeResumption(storage, confirmed, life);
  const stubborn = { ...storage, removeItem: () => undefined };
  expect(takeResumption(stubborn, wanted)).toBeNull();
});

test('another operation leaves the call where it is', () => {
  const storage = memoryStorage();
  storeResumption(storage, confirmed, life);
  expect(takeResumption(storage, { ...wanted, operation: 'data.export' })).toBeNull();
  expect(takeResumption(storage, wanted)).toMatchObject(confirmed);
});

test('a call whose parameters were not kept waits for the person, not for the page', () => {
  const storage = memoryStorage();
  storeResumption(storage, { ...confirmed, paramsKey: null }, life);
  expect(takeResumption(storage, wanted)).toBeNull();
  const again = takeResumption(storage, { ...wanted, withParameters: false });
  expect(again).toMatchObject({ grant: 'grant', paramsKey: null });
});

test('a call that goes on by itself is not given to one that the person makes', () => {
  const storage = memoryStorage();
  storeResumption(storage, confirmed, life);
  expect(takeResumption(storage, { ...wanted, withParameters: false })).toBeNull();
});

test('an expired grant is thrown away by whoever finds it', () => {
  const storage = memoryStorage();
  storeResumption(storage, confirmed, life);
  const found = takeResumption(storage, {
    operation: 'data.export',
    withParameters: true,
    now: later(60),
  });
  expect(found).toBeNull();
  expect(storage.entries.size).toBe(0);
});

test('a window that lasts longer is taken up within a minute all the same', () => {
  const storage = memoryStorage();
  const window = { ...life, expiresAt: later(300).toISOString() };
  const kept = storeResumption(storage, { ...confirmed, grant: null }, window);
  expect(kept.expiresAtMs).toBe(later(60).getTime());
  expect(takeResumption(storage, { ...wanted, now: later(59) })).toMatchObject({ grant: null });
});

test('a storage that refuses to be read holds nothing', () => {
  const denied = () => {
    throw new Error('denied');
  };
  const storage = { getItem: denied, setItem: denied, removeItem: denied };
  expect(takeResumption(storage, wanted)).toBeNull();
  expect(takePendingRedirect(storage, 'state-1')).toBeNull();
});
