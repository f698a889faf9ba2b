import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readRepudiation, signRepudiation, withLink } from './repudiation.ts';

const key = new Uint8Array(32).fill(7);
const keys = [key] as const;
const madeAt = new Date('2026-11-14T03:05:00.123Z');
const later = (seconds: number) => new Date(madeAt.getTime() + seconds * 1000);

test('a token says whose account and when, to whoever holds a key', () => {
  fc.assert(
    fc.property(fc.string({ minLength: 1, maxLength: 40 }), (userId) => {
      const text = userId.toWellFormed();
      const token = signRepudiation(key, { userId: text, madeAt });
      expect(readRepudiation(token, { keys, now: madeAt })).toEqual({ userId: text, madeAt });
    }),
  );
});

test('a token works for seven days, and under an earlier version of the secret', () => {
  const token = signRepudiation(key, { userId: 'u', madeAt });
  const rotated = [new Uint8Array(32).fill(8), key];
  expect(readRepudiation(token, { keys: rotated, now: later(7 * 86_400 - 1) })).not.toBeNull();
  expect(readRepudiation(token, { keys, now: later(7 * 86_400) })).toBeNull();
  expect(readRepudiation(token, { keys, now: later(-1) })).toBeNull();
  expect(readRepudiation(token, { keys: [], now: madeAt })).toBeNull();
  expect(readRepudiation(token, { keys: [rotated[0] ?? key], now: madeAt })).toBeNull();
});

test('no part of a token can be exchanged for another, or for anything at all', () => {
  const [user = '', made = '', mac = ''] = signRepudiation(key, { userId: 'u', madeAt }).split('.');
  const other = signRepudiation(key, { userId: 'other', madeAt: later(60) }).split('.');
  for (const forged of [
    [other[0], made, mac],
    [user, other[1], mac],
    [user, made, other[2]],
    [user, made],
    [`${user}.${made}`, '', mac],
  ]) {
    expect(readRepudiation(forged.join('.'), { keys, now: later(60) })).toBeNull();
  }
  fc.assert(
    fc.property(fc.string(), (text) => {
      expect(readRepudiation(text, { keys, now: madeAt })).toBeNull();
    }),
  );
});

test('the link stands in the fragment, and a mail without one stays as it is', () => {
  const links = { page: 'https://portal.example/wasnt-me', keys } as const;
  const notice = { to: 'a@example.org', subject: 's', text: 'Hello\n' };
  expect(withLink(notice, { now: madeAt, links })).toEqual(notice);
  const linked = withLink({ ...notice, repudiate: 'u' }, { now: madeAt, links });
  expect(Object.keys(linked)).toEqual(['to', 'subject', 'text']);
  const [, token = ''] = /^ {4}https:\/\/portal\.example\/wasnt-me#(\S+)$/m.exec(linked.text) ?? [];
  expect(readRepudiation(token, { keys, now: madeAt })).toEqual({ userId: 'u', madeAt });
  expect(withLink({ ...notice, repudiate: 'u' }, { now: madeAt, links: null })).toEqual(notice);
});
