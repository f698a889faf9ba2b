import fc from 'fast-check';
import { expect, test } from 'vitest';
import { planCode } from './time-plan.ts';

const STEP_MS = 30_000;

test('plans only codes that are new, and acceptable for as long as they must be', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 4_000_000_000_000 }),
      fc.option(fc.integer({ min: -3, max: 1 })),
      fc.integer({ min: 0, max: 20_000 }),
      (nowMs, away, holdsForMs) => {
        const present = Math.floor(nowMs / STEP_MS);
        const lastStep = away === null ? null : present + away;
        const { step, waitMs } = planCode({ nowMs, lastStep, holdsForMs });
        expect(step).toBeGreaterThan(lastStep ?? 0);
        const usedAt = nowMs + waitMs;
        for (const moment of [usedAt, usedAt + holdsForMs]) {
          const distance = Math.abs(Math.floor(moment / STEP_MS) - step);
          expect(distance).toBeLessThanOrEqual(1);
        }
      },
    ),
  );
});

test('fits four codes into fifty seconds, wherever in a step it begins', () => {
  for (let offsetMs = 0; offsetMs < STEP_MS; offsetMs += 250) {
    let nowMs = 1_700_000_010_000 + offsetMs;
    const beganMs = nowMs;
    let lastStep: number | null = null;
    for (const holdsForMs of [6000, 15_000, 6000, 6000]) {
      const { step, waitMs } = planCode({ nowMs, lastStep, holdsForMs });
      lastStep = step;
      nowMs += waitMs + 3000;
    }
    expect(nowMs - beganMs).toBeLessThan(50_000);
  }
});

test('begins one step back, where the code is still good', () => {
  const nowMs = 100 * STEP_MS + 1000;
  expect(planCode({ nowMs, lastStep: null, holdsForMs: 5000 })).toEqual({ step: 99, waitMs: 0 });
});

test('leaves a code out that would end too soon', () => {
  const nowMs = 101 * STEP_MS - 1000;
  expect(planCode({ nowMs, lastStep: null, holdsForMs: 5000 })).toEqual({ step: 100, waitMs: 0 });
});

test('waits for the step before the one whose code it needs', () => {
  const nowMs = 100 * STEP_MS + 1000;
  expect(planCode({ nowMs, lastStep: 101, holdsForMs: 5000 })).toEqual({
    step: 102,
    waitMs: 29_300,
  });
});
