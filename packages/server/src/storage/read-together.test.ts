import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { readTogether } from './read-together.ts';

function recording(answers: Readonly<Record<string, string>>) {
  const asked: (readonly string[])[] = [];
  const read = readTogether<string>(async (keys) => {
    asked.push(keys);
    return new Map(keys.flatMap((key) => (answers[key] ? [[key, answers[key]]] : [])));
  });
  return { asked, read };
}

test('reads of one turn are one statement, each answered with its own row or none', async () => {
  const { asked, read } = recording({ a: 'A', b: 'B' });
  expect(await Promise.all([read('a'), read('b'), read('c'), read('a')])).toEqual([
    'A',
    'B',
    null,
    'A',
  ]);
  expect(asked).toEqual([['a', 'b', 'c']]);
});

test('a read asked for later is read later: nothing is kept', async () => {
  const answers: Record<string, string> = { a: 'A' };
  const { asked, read } = recording(answers);
  expect(await read('a')).toBe('A');
  delete answers['a'];
  await nextTurn();
  expect(await read('a')).toBeNull();
  expect(asked).toHaveLength(2);
});

test('no statement asks for more than 64 keys, and none is forgotten', async () => {
  const keys = Array.from({ length: 200 }, (_, index) => `k${index}`);
  const { asked, read } = recording(Object.fromEntries(keys.map((key) => [key, key])));
  expect(await Promise.all(keys.map(read))).toEqual(keys);
  expect(Math.max(...asked.map((it) => it.length))).toBe(64);
});

test('CS-36: a statement that fails answers nobody', async () => {
  const read = readTogether<string>(() => Promise.reject(new Error('down')));
  const results = await Promise.allSettled([read('a'), read('b')]);
  expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
});
