import { expect, test } from 'vitest';
import { isJsonValue } from './is-json-value.ts';

test.each([
  'text',
  0,
  true,
  null,
  [],
  {},
  { recordIds: ['a'], note: null },
  { left: undefined },
  Object.create(null),
])('JSON carries it whole: %j', (value) => {
  expect(isJsonValue(value)).toBe(true);
});

test.each([
  undefined,
  Number.NaN,
  Number.POSITIVE_INFINITY,
  new Date(0),
  new Blob(['x']),
  new Map(),
  () => 1,
  [undefined],
  { file: new Blob(['x']) },
])('JSON would change it: %s', (value) => {
  expect(isJsonValue(value)).toBe(false);
});
