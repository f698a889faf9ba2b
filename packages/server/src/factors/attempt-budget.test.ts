import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decideAttempt, LANE_LIMIT } from './attempt-budget.ts';

const NOW = new Date('2026-01-02T03:04:05Z');
const ago = (seconds: number): Date => new Date(NOW.getTime() - seconds * 1000);

/** Consecutive failures, seconds since the last one, what follows. */
const TABLE: readonly (readonly [number, number, object])[] = [
  [0, 0, { kind: 'allowed' }],
  [1, 0, { kind: 'allowed' }],
  [4, 0, { kind: 'allowed' }],
  [5, 0, { kind: 'wait', seconds: 30 }],
  [5, 29.5, { kind: 'wait', seconds: 1 }],
  [5, 30, { kind: 'allowed' }],
  [6, 0, { kind: 'wait', seconds: 60 }],
  [7, 0, { kind: 'wait', seconds: 120 }],
  [8, 0, { kind: 'wait', seconds: 240 }],
  [9, 0, { kind: 'wait', seconds: 480 }],
  [10, 0, { kind: 'wait', seconds: 900 }],
  [49, 0, { kind: 'wait', seconds: 900 }],
  [49, 899, { kind: 'wait', seconds: 1 }],
  [49, 900, { kind: 'allowed' }],
  [50, 0, { kind: 'exhausted' }],
  [50, 31_536_000, { kind: 'exhausted' }],
  [1000, 0, { kind: 'exhausted' }],
];

for (const [failures, seconds, expected] of TABLE) {
  test(`CS-16: ${failures} failures, the last ${seconds} s ago: ${JSON.stringify(expected)}`, () => {
    expect(decideAttempt({ failures, lastFailureAt: ago(seconds) }, NOW)).toEqual(expected);
  });
}

test('CS-16: however patiently somebody guesses, no more than fifty attempts are allowed', () => {
  const pauses = fc.array(fc.integer({ min: 0, max: 4000 }), { minLength: 60, maxLength: 300 });
  fc.assert(
    fc.property(pauses, (seconds) => {
      let now = NOW.getTime();
      let count = { failures: 0, lastFailureAt: null as Date | null };
      let allowed = 0;
      for (const pause of seconds) {
        now += pause * 1000;
        if (decideAttempt(count, new Date(now)).kind !== 'allowed') continue;
        allowed += 1;
        count = { failures: count.failures + 1, lastFailureAt: new Date(now) };
      }
      expect(allowed).toBeLessThanOrEqual(LANE_LIMIT);
    }),
  );
});

test('CS-16: whoever waits as long as told is allowed, and not a millisecond sooner', () => {
  const failures = fc.integer({ min: 5, max: LANE_LIMIT - 1 });
  fc.assert(
    fc.property(failures, (count) => {
      const decision = decideAttempt({ failures: count, lastFailureAt: NOW }, NOW);
      if (decision.kind !== 'wait') throw new Error('no wait');
      const after = (ms: number) => new Date(NOW.getTime() + decision.seconds * 1000 + ms);
      const state = { failures: count, lastFailureAt: NOW };
      expect(decideAttempt(state, after(0)).kind).toBe('allowed');
      expect(decideAttempt(state, after(-1)).kind).toBe('wait');
    }),
  );
});

test('CS-16: a clock that was set back gives nothing away', () => {
  const future = { failures: 5, lastFailureAt: new Date(NOW.getTime() + 3_600_000) };
  expect(decideAttempt(future, NOW)).toMatchObject({ kind: 'wait' });
});

test('CS-16: the limit is under the hundred that NIST allows, for both lanes together', () => {
  expect(LANE_LIMIT * 2).toBeLessThanOrEqual(100);
});
