import fc from 'fast-check';
import { expect, test } from 'vitest';
import { addressOf, proxyList, sourceOf } from './source.ts';

const NOBODY = proxyList([]);
const PROXIES = proxyList(['10.0.0.0/8', '192.0.2.1', 'fd00::/8']);

test('CS-16: without trusted proxies X-Forwarded-For changes nothing, whatever it says', () => {
  fc.assert(
    fc.property(fc.string(), (header) => {
      expect(addressOf('203.0.113.9', header, NOBODY)).toBe('203.0.113.9');
    }),
  );
  expect(addressOf('203.0.113.9', '198.51.100.1, 127.0.0.1', NOBODY)).toBe('203.0.113.9');
});

test('CS-16: a caller that is no trusted proxy is the source, whatever it forwards', () => {
  expect(addressOf('203.0.113.9', '198.51.100.1', PROXIES)).toBe('203.0.113.9');
});

test('behind a trusted proxy the source is what the proxy saw', () => {
  expect(addressOf('10.1.2.3', '198.51.100.1', PROXIES)).toBe('198.51.100.1');
});

test('CS-16: only the part written by trusted proxies is believed', () => {
  const spoofed = '1.2.3.4, 198.51.100.1, 192.0.2.1, 10.9.9.9';
  expect(addressOf('10.1.2.3', spoofed, PROXIES)).toBe('198.51.100.1');
});

test('CS-16: whatever a caller puts in front, its own address stays the source', () => {
  const text = fc.string({
    unit: fc.constantFrom('1', '0', '.', ',', ' ', ':', 'f', '"', ';', '\t'),
  });
  fc.assert(
    fc.property(text, (prefix) => {
      const header = `${prefix}, 198.51.100.1`;
      expect(addressOf('10.1.2.3', header, PROXIES)).toBe('198.51.100.1');
    }),
  );
});

test('a hop that is no address ends the chain at the proxy that passed it on', () => {
  for (const header of [
    'unknown',
    '',
    '198.51.100.1, garbage',
    '198.51.100.1:443',
    '[2001:db8::1]',
  ]) {
    expect(addressOf('10.1.2.3', header, PROXIES)).toBe('10.1.2.3');
  }
  expect(addressOf('10.1.2.3', null, PROXIES)).toBe('10.1.2.3');
});

test('a chain of trusted proxies only gives the first of them', () => {
  expect(addressOf('10.1.2.3', '10.0.0.7, 192.0.2.1', PROXIES)).toBe('10.0.0.7');
});

test('an IPv4 address in IPv6 clothing is the IPv4 address', () => {
  expect(addressOf('::ffff:203.0.113.9', null, NOBODY)).toBe('203.0.113.9');
  expect(addressOf('::FFFF:10.1.2.3', '::ffff:198.51.100.1', PROXIES)).toBe('198.51.100.1');
  expect(addressOf('::ffff:a01:203', '::ffff:c633:6401', PROXIES)).toBe('198.51.100.1');
});

test('IPv6 proxies and clients are told apart by range', () => {
  expect(addressOf('fd00::1', '2001:db8::5', PROXIES)).toBe('2001:db8::5');
  expect(addressOf('2001:db8::1', '2001:db8::5', PROXIES)).toBe('2001:db8::1');
});

test('an entry that is no address or range is refused at start', () => {
  for (const entry of ['nonsense', '10.0.0.0/99', '10.0.0/8', '']) {
    expect(() => proxyList([entry])).toThrow();
  }
});

test('a user agent is cut at 300 characters and never absent', () => {
  const base = { requestId: 'r', address: 'a' };
  expect(sourceOf({ ...base, userAgent: 'x'.repeat(1000) }).userAgent).toHaveLength(300);
  expect(sourceOf({ ...base, userAgent: null }).userAgent).toBe('');
});
