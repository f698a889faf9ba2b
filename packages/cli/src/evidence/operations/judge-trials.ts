import { type ActAssertion, type ConfirmedAct, judgeActAssertion } from '@countersign/log';
import { fieldOf } from '../exchange.ts';
import type { Check, Finding, Observation } from '../step.ts';
import { type Cell, cells, type Method } from './cells.ts';
import type { OperationCase } from './operation-case.ts';
import { changedParts, committedActs, type Trial } from './trial.ts';

type Refused = Exclude<Cell, Method | 'replayed'>;

/** The refusal each attempt must meet, where a confirmation is a grant for one act. */
const REFUSALS: Readonly<Record<Refused, Refusal>> = {
  'session-alone': refusal(401, 'step_up_required', 'The session alone is asked to confirm.'),
  stale: refusal(401, 'grant_expired', 'A grant that ran out is refused.'),
  'foreign-session': refusal(
    401,
    'grant_unknown',
    'The grant opens nothing in another session of the same person.',
  ),
  'foreign-person': refusal(401, 'grant_unknown', 'The grant opens nothing for another person.'),
  altered: refusal(401, 'grant_mismatch', 'What was changed after it was confirmed is refused.'),
  'replayed-altered': refusal(
    409,
    'grant_consumed',
    'The used grant is refused for anything but the very request it was used for.',
  ),
};

/** What differs where a confirmation opens five minutes in one session. */
const WINDOW_REFUSALS: Readonly<Partial<Record<Refused, Refusal>>> = {
  'session-alone': refusal(
    401,
    'step_up_required',
    'A session that confirmed nothing for five minutes is asked to confirm.',
  ),
  stale: refusal(401, 'step_up_required', 'Once the five minutes are over it is asked again.'),
  'foreign-session': refusal(
    404,
    'challenge_unknown',
    'Another session of the same person, signed in a moment ago, cannot confirm for this one.',
  ),
  'foreign-person': refusal(
    404,
    'challenge_unknown',
    'Another person cannot confirm for this one.',
  ),
  altered: refusal(401, 'grant_mismatch', 'A grant for another operation is refused.'),
};

interface Refusal {
  readonly status: number;
  readonly code: string;
  readonly expected: string;
}

const CONFIRMATIONS = {
  passkey: 'aal2-phr',
  totp: 'aal2',
  idp: 'aal2',
  email: 'baseline',
} as const;

/** One check for every cell that applies to an operation. */
export function checkTrials(
  operation: OperationCase,
  absent: Readonly<Partial<Record<Cell, string>>>,
): readonly Check[] {
  const names = (Object.keys(cells) as Cell[]).filter((cell) => absent[cell] === undefined);
  return names.map((cell) => checkCell(operation, cell));
}

function checkCell(operation: OperationCase, cell: Cell): Check {
  switch (cell) {
    case 'passkey':
    case 'totp':
    case 'idp':
    case 'email':
      return trialCheck(cell, doneSentence(operation, cell), (trial, seen) =>
        judgeDone(operation, { trial, seen, method: cell }),
      );
    case 'replayed':
      return checkReplay(operation);
    default: {
      const expected = refusalOf(operation, cell);
      return trialCheck(cell, `${expected.expected} Nothing changes.`, (trial) =>
        judgeRefusal(operation, trial, expected),
      );
    }
  }
}

function refusalOf({ confirms, endsSession }: OperationCase, cell: Refused): Refusal {
  if (cell === 'replayed-altered' && endsSession) {
    return refusal(401, 'session_required', 'The session is over, and the used grant with it.');
  }
  const inWindow = confirms === 'window' ? WINDOW_REFUSALS[cell] : undefined;
  return inWindow ?? REFUSALS[cell];
}

function judgeRefusal({ name }: OperationCase, trial: Trial, { status, code }: Refusal): Finding {
  const isRefused =
    trial.exchange.status === status && fieldOf(trial.exchange.body, 'code') === code;
  return { holds: isRefused && isUntouched(trial, name), observed: describe(trial, name) };
}

function doneSentence({ confirms, changes }: OperationCase, method: Method): string {
  const how =
    confirms === 'act'
      ? 'it is done once, with a receipt whose hash is that of its entry'
      : 'the session may do it for five minutes, without a grant; it is done, with a receipt';
  const proof =
    confirms === 'act' && method === 'passkey'
      ? ' The signature in the receipt is verified offline, over this very act.'
      : '';
  return `${cells[method]}: ${how}. It changes ${changes[0]}.${proof}`;
}

function judgeDone(
  operation: OperationCase,
  { trial, seen, method }: { trial: Trial; seen: Observation; method: Method },
): Finding {
  const { name, status, changes } = operation;
  const changed = changedParts(trial);
  const isFitting = changed.length > 0 && changed.every((part) => changes.includes(part));
  const faults = [
    trial.exchange.status === status ? null : 'not answered as done',
    isFitting ? null : 'not the rows it should change',
    committedActs(trial, name) === 1 ? null : 'not exactly one act',
    ...receiptFaults(operation, { trial, seen, method }),
  ].filter((fault) => fault !== null);
  const told = [describe(trial, name), describeReceipt(trial), ...faults];
  return { holds: faults.length === 0, observed: told.join('; ') };
}

/** What is wrong with the receipt; each fault in a few words. */
function receiptFaults(
  { name, confirms }: OperationCase,
  { trial, seen, method }: { trial: Trial; seen: Observation; method: Method },
): (string | null)[] {
  const receipt = (field: string) => fieldOf(trial.exchange.body, 'receipt', field);
  const isAct = confirms === 'act';
  const wanted = isAct ? { method, confirmation: CONFIRMATIONS[method] } : NO_GRANT;
  const entry = seen.entries.find(
    ({ event, operation, leafHash }) =>
      event === 'operation.committed' && operation === name && leafHash === receipt('entryHash'),
  );
  const isNamed =
    receipt('operation') === name &&
    receipt('method') === wanted.method &&
    receipt('confirmation') === wanted.confirmation;
  const hasGrant = trial.confirmed?.grant !== null;
  return [
    isNamed ? null : `the receipt does not say ${String(wanted.method)}, ${wanted.confirmation}`,
    entry === undefined ? 'no entry with the hash of the receipt' : null,
    hasGrant === isAct ? null : 'a grant where none belongs, or none where one does',
    isAct && method === 'passkey' ? assertionFault(trial) : null,
  ];
}

const NO_GRANT = { method: null, confirmation: null } as const;

/** Judged by the log package alone, from the receipt as it was received. */
function assertionFault({ exchange }: Trial): string | null {
  const receipt = fieldOf(exchange.body, 'receipt') as ConfirmedAct | undefined;
  const assertion = fieldOf(exchange.body, 'receipt', 'assertion') as ActAssertion | undefined;
  if (receipt === undefined || assertion === undefined) return 'no signature in the receipt';
  const fault = judgeActAssertion(receipt, assertion);
  return fault === null ? null : `the signature does not hold: ${fault}`;
}

function checkReplay(operation: OperationCase): Check {
  const { name, status, endsSession } = operation;
  if (endsSession) {
    const expected = 'The session ended with the act: the same request again is refused.';
    const over = refusal(401, 'session_required', expected);
    return trialCheck('replayed', `${expected} Nothing changes.`, (trial) =>
      judgeRefusal(operation, trial, over),
    );
  }
  const expected = 'The same request with the same grant gets the stored receipt. Nothing changes.';
  return trialCheck('replayed', expected, (trial, { trials }) => {
    const first = trials.find(({ cell }) => cell === 'passkey');
    const isSame = trial.exchange.body !== null && trial.exchange.body === first?.exchange.body;
    return {
      holds: trial.exchange.status === status && isSame && isUntouched(trial, name),
      observed: `${describe(trial, name)}; ${isSame ? 'the same answer' : 'another answer'}`,
    };
  });
}

function trialCheck(
  cell: Cell,
  expected: string,
  judge: (trial: Trial, seen: Observation) => Finding,
): Check {
  return {
    side: 'act',
    cell,
    expected,
    judge: (seen) => {
      const trial = seen.trials.find((it) => it.cell === cell);
      if (trial !== undefined) return judge(trial, seen);
      return {
        holds: false,
        observed: 'not tried, since something before it failed',
        isUnseen: true,
      };
    },
  };
}

function isUntouched(trial: Trial, name: string): boolean {
  return changedParts(trial).length === 0 && committedActs(trial, name) === 0;
}

function describe(trial: Trial, name: string): string {
  const { method, path, status, body, by } = trial.exchange;
  const code = fieldOf(body, 'code');
  const named = typeof code === 'string' && status >= 400 ? ` ${code}` : '';
  const changed = changedParts(trial);
  const rows = changed.length === 0 ? 'nothing changed' : `changed: ${changed.join(', ')}`;
  const acts = committedActs(trial, name);
  return `${by}: ${method} ${path} answered ${status}${named}; ${rows}; acts recorded: ${acts}`;
}

function describeReceipt({ exchange }: Trial): string {
  const confirmation = fieldOf(exchange.body, 'receipt', 'confirmation');
  const hash = fieldOf(exchange.body, 'receipt', 'entryHash');
  if (typeof hash !== 'string') return 'no receipt';
  const signed = fieldOf(exchange.body, 'receipt', 'assertion') === undefined ? '' : ', signed';
  return `receipt: ${String(confirmation ?? 'no grant')}, entry ${hash.slice(0, 12)}…${signed}`;
}

function refusal(status: number, code: string, expected: string): Refusal {
  return { status, code, expected };
}
