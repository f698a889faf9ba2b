import type { Grant, StepUpVerifyRequest } from '@countersign/server/contract';
import { expect, test } from 'vitest';
import { CountersignError } from './countersign-error.ts';
import { type FinishPorts, finishRedirect } from './finish-redirect.ts';
import { memoryStorage } from './memory-storage.fixture.ts';
import { storePendingRedirect, takeResumption } from './step-up-redirect.ts';

const now = new Date('2026-11-14T10:00:00.000Z');
const returnUrl =
  'https://portal.example/step-up/return?code=c&state=state-1&iss=https%3A%2F%2Fidp.example';
const pending = {
  challengeId: '0195f1a0-0000-7000-8000-000000000001',
  state: 'state-1',
  returnTo: '/app?q=adler#chosen',
  operation: 'records.purge',
  paramsKey: '{"recordIds":["a"]}',
};
const granted: Grant = { grant: 'grant', expiresAt: '2026-11-14T10:01:00.000Z' };

/** A tab that left with `left`, and a server that answers `answer`. */
function returned(answer: Grant | CountersignError, left = {}) {
  const storage = memoryStorage();
  storePendingRedirect(storage, { ...pending, ...left });
  const verified: [string, StepUpVerifyRequest][] = [];
  const ports: FinishPorts = {
    storage,
    origin: 'https://portal.example',
    now: () => now,
    client: {
      async verifyStepUp(id, request) {
        verified.push([id, request]);
        if (answer instanceof CountersignError) throw answer;
        return answer;
      },
    },
  };
  return { storage, verified, ports };
}

test('a confirmed journey keeps the grant for its call and goes back', async () => {
  const { ports, storage, verified } = returned(granted);
  await expect(finishRedirect(ports, returnUrl)).resolves.toEqual({
    kind: 'confirmed',
    returnTo: '/app?q=adler#chosen',
    goesOn: true,
    lifeSeconds: 60,
  });
  expect(verified).toEqual([[pending.challengeId, { method: 'idp', response: { returnUrl } }]]);
  const wanted = { operation: 'records.purge', withParameters: true, now };
  expect(takeResumption(storage, wanted)).toMatchObject({
    grant: 'grant',
    paramsKey: pending.paramsKey,
  });
});

test('without its parameters the call does not go on by itself', async () => {
  const { ports } = returned(granted, { paramsKey: null });
  await expect(finishRedirect(ports, returnUrl)).resolves.toMatchObject({ goesOn: false });
});

test('an answer is verified once', async () => {
  const { ports, verified } = returned(granted);
  await finishRedirect(ports, returnUrl);
  await expect(finishRedirect(ports, returnUrl)).resolves.toEqual({ kind: 'unknown' });
  expect(verified).toHaveLength(1);
});

test('an answer to another journey is left alone', async () => {
  const { ports, verified } = returned(granted);
  const foreign = returnUrl.replace('state-1', 'state-2');
  await expect(finishRedirect(ports, foreign)).resolves.toEqual({ kind: 'unknown' });
  expect(verified).toEqual([]);
});

test('a path to elsewhere leads home', async () => {
  const { ports } = returned(granted, { returnTo: '//evil.example/app' });
  await expect(finishRedirect(ports, returnUrl)).resolves.toMatchObject({ returnTo: '/' });
});

test('a refused journey keeps nothing and says why', async () => {
  const refusal = new CountersignError('code_rejected');
  const { ports, storage } = returned(refusal);
  await expect(finishRedirect(ports, returnUrl)).resolves.toEqual({
    kind: 'refused',
    returnTo: '/app?q=adler#chosen',
    error: refusal,
  });
  expect(storage.entries.size).toBe(0);
});

test('a tab without storage began no journey', async () => {
  const { ports } = returned(granted);
  await expect(finishRedirect({ ...ports, storage: null }, returnUrl)).resolves.toEqual({
    kind: 'unknown',
  });
});
