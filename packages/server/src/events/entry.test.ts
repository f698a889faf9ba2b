import { commitTo, leafHash } from '@countersign/log';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type EventName, events } from './catalogue.ts';
import { buildEntry, type EventInput } from './entry.ts';

const ID = '0b0c1f3e-6a41-4b8e-9d52-3b8c1f0e7a11';
const AT = new Date('2026-01-02T03:04:05.678Z');

function build(input: EventInput) {
  let salts = 0;
  const newSalt = (): string => {
    salts += 1;
    return `salt-${salts}`;
  };
  return buildEntry(input, { id: ID, at: AT, newSalt });
}

function contentOf(bytes: Uint8Array): Record<string, unknown> {
  return JSON.parse(new TextDecoder().decode(bytes)) as Record<string, unknown>;
}

const names = Object.keys(events) as EventName[];
const OUTCOMES = ['success', 'failure', 'denied'] as const;

for (const event of names) {
  test(`CS-37: ${event} carries the outcomes of the catalogue and no other`, () => {
    for (const outcome of OUTCOMES) {
      const allowed = (events[event].outcomes as readonly string[]).includes(outcome);
      if (allowed)
        expect(contentOf(build({ event, outcome }).bytes)).toMatchObject({ event, outcome });
      else expect(() => build({ event, outcome })).toThrow(TypeError);
    }
  });
}

test('CS-37: an event that is not in the catalogue is refused', () => {
  for (const event of ['sign-in.unknown', 'constructor', '__proto__', '']) {
    expect(() => build({ event: event as EventName, outcome: 'success' })).toThrow(TypeError);
  }
});

test('CS-37: what was not said is null, so that every entry has the same fields', () => {
  expect(contentOf(build({ event: 'session.ended', outcome: 'success' }).bytes)).toEqual({
    schema: 'countersign.audit/1',
    id: ID,
    at: '2026-01-02T03:04:05.678Z',
    event: 'session.ended',
    version: 1,
    outcome: 'success',
    tenantId: null,
    actorId: null,
    onBehalfOf: null,
    operation: null,
    methods: [],
    aal: null,
    requestId: null,
    reason: null,
    count: 1,
    details: {},
    commitments: {},
  });
});

test('the bytes are canonical: keys in order, nothing between them', () => {
  const text = new TextDecoder().decode(
    build({ event: 'session.ended', outcome: 'success' }).bytes,
  );
  expect(text.startsWith('{"aal":null,"actorId":null,"at":"2026-01-02T03:04:05.678Z"')).toBe(true);
});

const personalText = fc.string({ minLength: 8, maxLength: 60 });

test('CS-37: a personal value is never in the bytes, only a commitment that opens to it', () => {
  fc.assert(
    fc.property(personalText, (email) => {
      const { bytes, disclosures } = build({
        event: 'sign-in.failed',
        outcome: 'failure',
        personal: { email },
      });
      const { commitments } = contentOf(bytes) as { commitments: Record<string, string> };
      expect(disclosures).toEqual([{ salt: 'salt-1', name: 'email', value: email }]);
      expect(commitments['email']).toBe(commitTo({ salt: 'salt-1', name: 'email', value: email }));
      expect(new TextDecoder().decode(bytes)).not.toContain(JSON.stringify(email).slice(1, -1));
    }),
  );
});

test('CS-37: an unkept value is committed to and disclosed to nobody', () => {
  const { bytes, disclosures } = build({
    event: 'sign-in.failed',
    outcome: 'failure',
    personal: { source: '203.0.113.1' },
    unkept: { email: 'typed@example.org' },
  });
  expect(disclosures.map((it) => it.name)).toEqual(['source']);
  expect(JSON.stringify(disclosures)).not.toContain('typed@example.org');
  expect(Object.keys((contentOf(bytes) as { commitments: object }).commitments).toSorted()).toEqual(
    ['email', 'source'],
  );
});

test('CS-37: every commitment has a salt of its own, also for the same value', () => {
  const { bytes, disclosures } = build({
    event: 'sign-in.failed',
    outcome: 'failure',
    personal: { email: 'same', userAgent: 'same', source: 'same' },
    unkept: { typed: 'same' },
  });
  const { commitments } = contentOf(bytes) as { commitments: Record<string, string> };
  expect(new Set(Object.values(commitments)).size).toBe(4);
  expect(new Set(disclosures.map((it) => it.salt)).size).toBe(3);
});

test('the leaf hash is that of the final bytes', () => {
  const entry = build({ event: 'session.ended', outcome: 'success', reason: 'signed_out' });
  expect(entry.leafHash).toEqual(leafHash(entry.bytes));
});

test('an entry of more than 65,535 bytes is refused, one of exactly as many is not', () => {
  const overhead = build({ event: 'session.ended', outcome: 'success', reason: '' }).bytes.length;
  const fits = 'x'.repeat(65_535 - overhead);
  const input = { event: 'session.ended', outcome: 'success' } as const;
  expect(build({ ...input, reason: fits }).bytes).toHaveLength(65_535);
  expect(() => build({ ...input, reason: `${fits}x` })).toThrow(RangeError);
});
