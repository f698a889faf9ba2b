import { expect, test } from 'vitest';
import { recordsPurge } from './purge.ts';

const ID = '3f0f7f0a-8f63-4d1f-9a55-6f3c5c0a4e11';

function accepts(params: unknown): boolean {
  return recordsPurge.schema.safeParse(params).success;
}

test('CS-34: reads a list of different ids, in one spelling', () => {
  expect(recordsPurge.schema.parse({ recordIds: [ID.toUpperCase()] })).toEqual({ recordIds: [ID] });
});

test('CS-34: refuses no id, a doubled id, a thing that is no id, and a field nobody asked for', () => {
  expect(accepts({ recordIds: [] })).toBe(false);
  expect(accepts({ recordIds: [ID, ID] })).toBe(false);
  expect(accepts({ recordIds: [ID, ID.toUpperCase()] })).toBe(false);
  expect(accepts({ recordIds: ['*'] })).toBe(false);
  expect(accepts({ recordIds: ID })).toBe(false);
  expect(accepts({ recordIds: [ID], tenantId: 'another' })).toBe(false);
  expect(accepts({})).toBe(false);
});

test('CS-34: refuses more than ten thousand ids', () => {
  const ids = Array.from(
    { length: 10_001 },
    (_, index) => `00000000-0000-4000-8000-${String(index).padStart(12, '0')}`,
  );
  expect(accepts({ recordIds: ids.slice(1) })).toBe(true);
  expect(accepts({ recordIds: ids })).toBe(false);
});

test('CS-32: asks for level 2 and for this very act', () => {
  expect(recordsPurge.requirement).toEqual({ acr: 'aal2', maxAge: 0 });
});
