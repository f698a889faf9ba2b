import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { canonicalBytes, commitTo, leafHash, MAX_ENTRY_BYTES } from './index.ts';

const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');

test('serialises the example of RFC 8785 section 3.2.3 to its exact bytes', () => {
  const value = JSON.parse(
    '{"numbers":[333333333.33333329,1E30,4.50,2e-3,0.000000000000000000000000001],"string":"\\u20ac$\\u000F\\u000aA\'\\u0042\\u0022\\u005c\\\\\\"\\/","literals":[null,true,false]}',
  );
  expect(text(canonicalBytes(value))).toBe(
    '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}',
  );
});

test('gives the same bytes whatever the order of the keys', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (record) => {
      const reversed = Object.fromEntries(Object.entries(record).reverse());
      expect(text(canonicalBytes(reversed))).toBe(text(canonicalBytes(record)));
    }),
  );
});

test('refuses a value that has no JSON form', () => {
  expect(() => canonicalBytes(undefined)).toThrow(TypeError);
  expect(() => canonicalBytes(Number.NaN)).toThrow();
});

test('hashes the empty leaf as RFC 6962 does', () => {
  expect(hex(leafHash(new Uint8Array()))).toBe(
    '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
  );
});

test('refuses an entry one byte over the limit', () => {
  expect(() => leafHash(new Uint8Array(MAX_ENTRY_BYTES))).not.toThrow();
  expect(() => leafHash(new Uint8Array(MAX_ENTRY_BYTES + 1))).toThrow(RangeError);
});

test('commits to the example disclosure of RFC 9901 section 4.2.3', () => {
  const disclosure = 'WyJfMjZiYzRMVC1hYzZxMktJNmNCVzVlcyIsICJmYW1pbHlfbmFtZSIsICJNw7ZiaXVzIl0';
  expect(createHash('sha256').update(disclosure, 'ascii').digest('base64url')).toBe(
    'X9yH0Ajrdm1Oij4tWso9UzzKJvPoDxwmuEcO3XAdRC0',
  );
  const compact = Buffer.from('["s","name","value"]').toString('base64url');
  expect(commitTo({ salt: 's', name: 'name', value: 'value' })).toBe(
    createHash('sha256').update(compact, 'ascii').digest('base64url'),
  );
});

test('changes the commitment when salt, name or value changes', () => {
  const base = commitTo({ salt: 's', name: 'n', value: 'v' });
  expect(commitTo({ salt: 't', name: 'n', value: 'v' })).not.toBe(base);
  expect(commitTo({ salt: 's', name: 'm', value: 'v' })).not.toBe(base);
  expect(commitTo({ salt: 's', name: 'n', value: 'w' })).not.toBe(base);
});
