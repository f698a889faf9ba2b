import { expect, test } from 'vitest';
import {
  createDraftRegistry,
  forgetDrafts,
  forgetDraftsOfOthers,
  readDraft,
  removeDraft,
} from './drafts.ts';
import { memoryStorage } from './memory-storage.fixture.ts';

const now = new Date('2026-11-14T10:00:00.000Z');
const ownerId = 'adler';
const later = (minutes: number) => new Date(now.getTime() + minutes * 60_000);

function storedDraft(value: unknown) {
  const storage = memoryStorage();
  const drafts = createDraftRegistry();
  const unregister = drafts.register('name', () => value);
  drafts.store(storage, { ownerId, now });
  return { storage, drafts, unregister };
}

test('nothing is written before a journey begins', () => {
  const storage = memoryStorage();
  createDraftRegistry().register('name', () => 'Adler');
  expect(storage.entries.size).toBe(0);
});

test('a draft is read as it was when the journey began', () => {
  const { storage } = storedDraft({ name: 'Adler', scopes: ['records:read'] });
  const initial = { name: '', scopes: [] };
  expect(readDraft(storage, { key: 'name', ownerId, initial, now })).toEqual({
    value: { name: 'Adler', scopes: ['records:read'] },
  });
});

test('a draft that was removed is not read again', () => {
  const { storage } = storedDraft('Adler');
  removeDraft(storage, 'name');
  expect(readDraft(storage, { key: 'name', ownerId, initial: '', now })).toBeNull();
});

test('a draft of 15 minutes ago is not read', () => {
  const { storage } = storedDraft('Adler');
  expect(readDraft(storage, { key: 'name', ownerId, initial: '', now: later(15) })).toBeNull();
});

test('the draft of a form that is gone is not written', () => {
  const storage = memoryStorage();
  const drafts = createDraftRegistry();
  drafts.register('name', () => 'Adler')();
  drafts.store(storage, { ownerId, now });
  expect(storage.entries.size).toBe(0);
});

test('a form that takes the place of another keeps its own draft', () => {
  const storage = memoryStorage();
  const drafts = createDraftRegistry();
  const unregister = drafts.register('name', () => 'old');
  drafts.register('name', () => 'new');
  unregister();
  drafts.store(storage, { ownerId, now });
  expect(readDraft(storage, { key: 'name', ownerId, initial: '', now })).toEqual({ value: 'new' });
});

test('what JSON does not carry whole is not written', () => {
  expect(storedDraft(new Date()).storage.entries.size).toBe(0);
});

test.each([
  ['a list for a text', ['x'], ''],
  ['a list for an object', ['x'], {}],
  ['nothing for a text', null, ''],
  ['a number for a text', 1, ''],
])('a draft of another kind is not read: %s', (_what, value, initial) => {
  const { storage } = storedDraft(value);
  expect(readDraft(storage, { key: 'name', ownerId, initial, now })).toBeNull();
});

test('a page that was not left forgets what it wrote', () => {
  const { storage } = storedDraft('Adler');
  forgetDrafts(storage);
  expect(storage.entries.size).toBe(0);
});

test('the draft of one person is not read by another, and goes when another is there', () => {
  const { storage } = storedDraft('Adler');
  const wanted = { key: 'name', initial: '', now };
  expect(readDraft(storage, { ...wanted, ownerId: 'berger' })).toBeNull();
  expect(readDraft(storage, { ...wanted, ownerId: null })).toBeNull();
  forgetDraftsOfOthers(storage, 'adler');
  expect(readDraft(storage, { ...wanted, ownerId })).toEqual({ value: 'Adler' });
  forgetDraftsOfOthers(storage, 'berger');
  expect(storage.entries.size).toBe(0);
});

test('what is removed leaves the drafts of other forms', () => {
  const storage = memoryStorage();
  const drafts = createDraftRegistry();
  drafts.register('name', () => 'Adler');
  drafts.register('days', () => '90');
  drafts.store(storage, { ownerId, now });
  removeDraft(storage, 'name');
  const wanted = { initial: '', ownerId, now };
  expect(readDraft(storage, { ...wanted, key: 'name' })).toBeNull();
  expect(readDraft(storage, { ...wanted, key: 'days' })).toEqual({ value: '90' });
});

test('what a form held when its session ended is kept in memory, for the same person alone', () => {
  const drafts = createDraftRegistry();
  const leave = drafts.register('name', () => 'Adler');
  drafts.keep(ownerId);
  leave();
  const wanted = { key: 'name', initial: '' };
  expect(drafts.kept({ ...wanted, ownerId: 'berger' })).toBeNull();
  expect(drafts.kept({ ...wanted, ownerId: null })).toBeNull();
  expect(drafts.kept({ ...wanted, ownerId })).toEqual({ value: 'Adler' });
});

test.each([
  ['somebody else signed in', 'berger'],
  ['its person signed out', null],
])('what is kept is gone once %s', (_what, who) => {
  const drafts = createDraftRegistry();
  drafts.register('name', () => 'Adler');
  drafts.keep(ownerId);
  drafts.release(who);
  expect(drafts.kept({ key: 'name', initial: '', ownerId })).toBeNull();
});
