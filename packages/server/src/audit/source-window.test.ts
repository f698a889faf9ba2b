import fc from 'fast-check';
import { expect, test } from 'vitest';
import { sourceKey } from './source-window.ts';

test('CS-16: an IPv4 address counts for itself', () => {
  expect(sourceKey('203.0.113.9')).toBe('203.0.113.9');
  expect(sourceKey('::ffff:203.0.113.9')).toBe('203.0.113.9');
  expect(sourceKey('203.0.113.9')).not.toBe(sourceKey('203.0.113.10'));
});

test('CS-16: an IPv6 address counts for its /64, however it is written', () => {
  const spellings = [
    '2001:db8:0:7::1',
    '2001:DB8:0:7::1',
    '2001:0db8:0000:0007:0000:0000:0000:0001',
    '2001:db8:0:7:ffff:ffff:ffff:ffff',
    '2001:db8:0:7:1:2:3:4',
    '2001:db8:0:7::',
  ];
  expect(new Set(spellings.map(sourceKey))).toEqual(new Set(['2001:db8:0:7::/64']));
});

test('CS-16: zeros left out anywhere are zeros', () => {
  expect(sourceKey('::1')).toBe('0:0:0:0::/64');
  expect(sourceKey('::')).toBe('0:0:0:0::/64');
  expect(sourceKey('2001:db8::1')).toBe('2001:db8:0:0::/64');
  expect(sourceKey('2001::7:0:0:0:1')).toBe('2001:0:0:7::/64');
  expect(sourceKey('1:2:3:4:5:6:7::')).toBe('1:2:3:4::/64');
});

const group = fc.integer({ min: 0, max: 0xffff });

test('CS-16: whoever holds a /64 has one count, and a neighbour another', () => {
  const four = fc.tuple(group, group, group, group);
  const written = (groups: readonly number[]) => groups.map((it) => it.toString(16)).join(':');
  fc.assert(
    fc.property(four, four, four, (prefix, first, second) => {
      const key = sourceKey(written([...prefix, ...first]));
      expect(sourceKey(written([...prefix, ...second]))).toBe(key);
      const neighbour = [...prefix.slice(0, 3), (prefix[3] ^ 1) & 0xffff];
      expect(sourceKey(written([...neighbour, ...first]))).not.toBe(key);
    }),
  );
});
