import type { MfaPolicy } from '@countersign/server/contract';
import { decideEnforcement, rulesOf } from '../../packages/server/src/policy/enforcement.ts';
import { decideSession } from '../../packages/server/src/policy/session-state.ts';
import type { Scenario } from '../stage.ts';
import { median } from '../statistics.ts';

const TARGET_MICROS = 20;
const BATCHES = 50;
const BATCH = 10_000;

/** What is decided of every request: which rules hold for the person, and what their session reaches. */
export const decision: Scenario = async () => {
  const now = new Date();
  const joinedAt = new Date(now.getTime() - 86_400_000);
  const policy = {
    everyone: 'required',
    administrators: 'required-phishing-resistant',
    from: '2026-01-01',
    graceDays: 14,
  } as const;
  const batches = Array.from({ length: BATCHES }, (_, batch) => {
    const startedAt = performance.now();
    for (let index = 0; index < BATCH; index += 1) decide({ policy, joinedAt, now, index });
    return { batch, micros: ((performance.now() - startedAt) * 1000) / BATCH };
  });
  const micros = median(batches.map((it) => it.micros));
  return {
    measures: [
      {
        measure: 'µs a decision',
        ours: micros,
        target: { below: TARGET_MICROS },
        isMet: micros < TARGET_MICROS,
      },
    ],
    rounds: batches,
  };
};

function decide({
  policy,
  joinedAt,
  now,
  index,
}: {
  policy: MfaPolicy;
  joinedAt: Date;
  now: Date;
  index: number;
}): void {
  const rules = rulesOf({
    policy,
    role: index % 2 === 0 ? 'administrator' : 'person',
    platform: index % 4 === 0 ? 'required-phishing-resistant' : null,
    own: index % 5 === 0 ? { requirement: 'required', from: null, graceDays: 3 } : null,
  });
  const { inForce } = decideEnforcement({ rules, joinedAt, now });
  decideSession({
    aal: 2,
    isPhishingResistant: index % 3 === 0,
    hasTotp: true,
    hasPasskey: index % 3 === 0,
    requirement: inForce?.requirement ?? 'optional',
  });
}
