import { expect, test } from 'vitest';
import { preparedTexts } from './prepared-texts.ts';

test('one text has one name, another text another', () => {
  const prepared = preparedTexts(10);
  const first = prepared('select a from t where b = $1', [1]);
  const again = prepared('select a from t where b = $1', [2]);
  const other = prepared('select a from t where c = $1', [1]);
  expect(first.name).toMatch(/^countersign-/);
  expect(again).toEqual({ name: first.name, text: first.text, values: [2] });
  expect(other.name).not.toBe(first.name);
});

test('a text that leaves its columns to the table has none', () => {
  const prepared = preparedTexts(10);
  expect(prepared('select * from t', [])).toEqual({ text: 'select * from t', values: [] });
  expect(prepared('delete from t returning *', []).name).toBeUndefined();
});

test('texts beyond the most are sent without a name, and the first keep theirs', () => {
  const prepared = preparedTexts(2);
  const names = ['select 1', 'select 2', 'select 3', 'select 1'].map((it) => prepared(it, []).name);
  expect(names).toEqual([names[0], names[1], undefined, names[0]]);
  expect(new Set(names).size).toBe(3);
});
