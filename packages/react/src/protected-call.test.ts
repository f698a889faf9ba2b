import type { Problem, ProblemCode } from '@countersign/server/contract';
import { expect, test } from 'vitest';
import { CountersignError } from './countersign-error.ts';
import { type ProtectedCallPorts, runProtectedCall } from './protected-call.ts';

const challenge = {
  id: '0195f1a0-0000-7000-8000-000000000001',
  expiresAt: '2026-11-14T10:05:00.000Z',
  methods: ['totp' as const],
  windowSeconds: 0,
  display: {
    title: 'Permanently delete 2 records',
    action: 'Delete 2 records',
    facts: [],
    items: ['Adler, Ines', 'Baptiste, Jonah'],
    total: 2,
    itemsLabel: 'Records',
    irreversible: true,
  },
};

function refusal(code: ProblemCode, extra: Partial<Problem> = {}): CountersignError {
  const problem = { type: 'about:blank', title: code, status: 401, code, requestId: 'r', ...extra };
  return new CountersignError(code, { problem });
}

const stepUp = refusal('step_up_required', { challenge });
const lost = new CountersignError('network');

type Answer = CountersignError | string;

/** Ports that give `answers` one after another and write down what was asked of them. */
function scripted(answers: readonly Answer[], overrides: Partial<ProtectedCallPorts<string>> = {}) {
  const calls: Record<string, string>[] = [];
  const reasons: string[] = [];
  const pauses: number[] = [];
  let enrolments = 0;
  const ports: ProtectedCallPorts<string> = {
    async perform(headers) {
      const answer = answers[calls.length] ?? new Error('performed more often than scripted');
      calls.push({ ...headers });
      if (typeof answer !== 'string') throw answer;
      return answer;
    },
    async confirm(request) {
      reasons.push(request.reason);
      return { grant: `grant-${reasons.length}`, expiresAt: challenge.expiresAt };
    },
    async enrol() {
      enrolments += 1;
    },
    async pause(milliseconds) {
      pauses.push(milliseconds);
    },
    ...overrides,
  };
  return { ports, calls, reasons, pauses, enrolments: () => enrolments };
}

const first = { 'Countersign-Grant': 'grant-1' };
const second = { 'Countersign-Grant': 'grant-2' };

test('a call that needs no confirmation is made once, without a grant', async () => {
  const { ports, calls } = scripted(['receipt']);
  await expect(runProtectedCall(ports)).resolves.toBe('receipt');
  expect(calls).toEqual([{}]);
});

test('a confirmed call is retried exactly once, with its grant', async () => {
  const { ports, calls, reasons } = scripted([stepUp, 'receipt']);
  await expect(runProtectedCall(ports)).resolves.toBe('receipt');
  expect(calls).toEqual([{}, first]);
  expect(reasons).toEqual(['step_up_required']);
});

test('a refused retry is not repeated', async () => {
  const { ports, calls } = scripted([stepUp, refusal('grant_consumed')]);
  await expect(runProtectedCall(ports)).rejects.toMatchObject({ code: 'grant_consumed' });
  expect(calls).toEqual([{}, first]);
});

test('a lost response is resent with the same grant until it is answered', async () => {
  const { ports, calls, reasons, pauses } = scripted([stepUp, lost, lost, lost, 'receipt']);
  await expect(runProtectedCall(ports)).resolves.toBe('receipt');
  expect(calls).toEqual([{}, first, first, first, first]);
  expect(reasons).toHaveLength(1);
  expect(pauses).toEqual([500, 1_000, 2_000]);
});

test('a response lost four times is reported as lost', async () => {
  const { ports, calls } = scripted([stepUp, lost, lost, lost, lost]);
  await expect(runProtectedCall(ports)).rejects.toMatchObject({ code: 'network' });
  expect(calls).toHaveLength(5);
});

test('the first request is not resent by itself: nothing was approved yet', async () => {
  const { ports, calls } = scripted([lost]);
  await expect(runProtectedCall(ports)).rejects.toMatchObject({ code: 'network' });
  expect(calls).toHaveLength(1);
});

test('where confirming opens a window, the retry carries no grant', async () => {
  const window = refusal('step_up_required', { challenge: { ...challenge, windowSeconds: 300 } });
  const { ports, calls } = scripted([window, 'receipt'], {
    confirm: async () => ({ grant: null, expiresAt: challenge.expiresAt }),
  });
  await expect(runProtectedCall(ports)).resolves.toBe('receipt');
  expect(calls).toEqual([{}, {}]);
});

test('a retry without a grant whose answer is lost is not sent again', async () => {
  const { ports, calls, pauses } = scripted([stepUp, lost], {
    confirm: async () => ({ grant: null, expiresAt: challenge.expiresAt }),
  });
  await expect(runProtectedCall(ports)).rejects.toMatchObject({ code: 'network' });
  expect(calls).toEqual([{}, {}]);
  expect(pauses).toEqual([]);
});

test.each(['challenge_expired', 'challenge_unknown', 'conflict'] as const)(
  'a confirmation that ends in %s is asked for again with a new challenge, saying why',
  async (code) => {
    const renewed = { ...challenge, id: '0195f1a0-0000-7000-8000-000000000002' };
    const asked: [string, string][] = [];
    const { ports, calls } = scripted(
      [stepUp, refusal('step_up_required', { challenge: renewed }), 'receipt'],
      {
        async confirm(request) {
          asked.push([request.challenge.id, request.reason]);
          if (asked.length === 1) throw refusal(code);
          return { grant: 'grant-1', expiresAt: challenge.expiresAt };
        },
      },
    );
    await expect(runProtectedCall(ports)).resolves.toBe('receipt');
    expect(calls).toEqual([{}, {}, first]);
    expect(asked).toEqual([
      [challenge.id, 'step_up_required'],
      [renewed.id, 'challenge_expired'],
    ]);
  },
);

test('a confirmation refused for another reason ends the call', async () => {
  const { ports, calls } = scripted([stepUp], {
    confirm: () => Promise.reject(refusal('session_required')),
  });
  await expect(runProtectedCall(ports)).rejects.toMatchObject({ code: 'session_required' });
  expect(calls).toEqual([{}]);
});

test('a call confirmed before its page was left starts with its grant', async () => {
  const { ports, calls, reasons } = scripted([lost, 'receipt']);
  await expect(runProtectedCall(ports, { grant: 'grant-1' })).resolves.toBe('receipt');
  expect(calls).toEqual([first, first]);
  expect(reasons).toEqual([]);
});

test('a call confirmed for a window before its page was left starts without a grant', async () => {
  const { ports, calls } = scripted(['receipt']);
  await expect(runProtectedCall(ports, { grant: null })).resolves.toBe('receipt');
  expect(calls).toEqual([{}]);
});

test('a grant from before that no longer holds leads to a new confirmation', async () => {
  const { ports, calls, reasons } = scripted([refusal('grant_mismatch', { challenge }), 'receipt']);
  await expect(runProtectedCall(ports, { grant: 'grant-0' })).resolves.toBe('receipt');
  expect(calls).toEqual([{ 'Countersign-Grant': 'grant-0' }, first]);
  expect(reasons).toEqual(['grant_mismatch']);
});

test('cancelling does nothing and says so', async () => {
  const { ports, calls } = scripted([stepUp], {
    confirm: () => Promise.reject(new CountersignError('cancelled')),
  });
  await expect(runProtectedCall(ports)).rejects.toMatchObject({ code: 'cancelled' });
  expect(calls).toEqual([{}]);
});

test.each(['grant_expired', 'grant_mismatch', 'grant_unknown'] as const)(
  '%s asks again with the new challenge and uses the new grant',
  async (code) => {
    const again = refusal(code, { challenge });
    const { ports, calls, reasons } = scripted([stepUp, again, 'receipt']);
    await expect(runProtectedCall(ports)).resolves.toBe('receipt');
    expect(calls).toEqual([{}, first, second]);
    expect(reasons).toEqual(['step_up_required', code]);
  },
);

test('a refusal without a challenge cannot be confirmed', async () => {
  const { ports, reasons } = scripted([refusal('step_up_required')]);
  await expect(runProtectedCall(ports)).rejects.toMatchObject({ code: 'step_up_required' });
  expect(reasons).toEqual([]);
});

test('after enrolling, the interrupted operation goes on', async () => {
  const script = scripted([refusal('enrolment_required'), stepUp, 'receipt']);
  await expect(runProtectedCall(script.ports)).resolves.toBe('receipt');
  expect(script.enrolments()).toBe(1);
  expect(script.calls).toEqual([{}, {}, first]);
});

test('enrolment is offered once', async () => {
  const script = scripted([refusal('enrolment_required'), refusal('enrolment_required')]);
  await expect(runProtectedCall(script.ports)).rejects.toMatchObject({
    code: 'enrolment_required',
  });
  expect(script.enrolments()).toBe(1);
});

test('without an enrolment screen the refusal stands', async () => {
  const { ports } = scripted([refusal('enrolment_required')], { enrol: null });
  await expect(runProtectedCall(ports)).rejects.toMatchObject({ code: 'enrolment_required' });
});

test('an error that is no refusal passes through unchanged', async () => {
  const fault = new TypeError('a bug in the caller');
  const { ports } = scripted([], { perform: () => Promise.reject(fault) });
  await expect(runProtectedCall(ports)).rejects.toBe(fault);
});

test('where the whole session waits for an enrolment, the call ends with its own refusal', async () => {
  const refused = refusal('enrolment_required');
  const { ports, calls } = scripted([refused], { enrol: (told) => Promise.reject(told) });
  await expect(runProtectedCall(ports)).rejects.toBe(refused);
  expect(calls).toEqual([{}]);
});
