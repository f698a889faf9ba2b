import type { AuditEntry } from './audit-entries.ts';
import { type Exchange, fieldOf } from './exchange.ts';
import type { Check, Finding, Observation } from './step.ts';

/** The named screen shows every one of the texts. */
export function screenShows(
  name: string,
  options: {
    readonly expected: string;
    readonly path: string;
    readonly texts: readonly string[];
    /** Whether one large drawing must be there, covered. */
    readonly drawing?: true;
  },
): Check {
  return {
    side: 'screen',
    expected: options.expected,
    judge: ({ screens }) => {
      const screen = screens.find((it) => it.name === name);
      if (screen === undefined) return fails('this screen was not reached');
      const text = foldText(screen.text);
      const missing = options.texts.filter((it) => !text.includes(foldText(it)));
      const shown = options.texts.filter((it) => !missing.includes(it)).map(quote);
      const where = `${screen.path} shows ${shown.length === 0 ? 'none of it' : shown.join(', ')}`;
      const lacking = missing.length === 0 ? '' : `; missing: ${missing.map(quote).join(', ')}`;
      const drawn = options.drawing ? `; covered drawings: ${screen.coveredDrawings}` : '';
      const isDrawn = options.drawing === undefined || screen.coveredDrawings === 1;
      return {
        holds: missing.length === 0 && screen.path === options.path && isDrawn,
        observed: `${where}${lacking}${drawn}`,
      };
    },
  };
}

/** Which exchange of a step is meant: the last that fits. */
export interface ExchangeChoice {
  readonly method?: string;
  readonly path?: string;
  readonly by?: Exchange['by'];
  readonly note?: string;
}

/** The chosen exchange was answered as expected; `also` looks further into it. */
export function answered(
  choice: ExchangeChoice,
  options: {
    readonly expected: string;
    readonly status: number;
    /** `code` in the body of a refusal. */
    readonly code?: string;
    readonly also?: (exchange: Exchange, seen: Observation) => Finding;
  },
): Check {
  return {
    side: 'http',
    expected: options.expected,
    judge: (seen) => {
      const exchange = findExchange(seen.exchanges, choice);
      if (exchange === undefined) return fails('this request was not made');
      const code = fieldOf(exchange.body, 'code');
      const named = typeof code === 'string' ? ` ${code}` : '';
      const observed = `${exchange.method} ${exchange.path} answered ${exchange.status}${named}`;
      const fits =
        exchange.status === options.status && (options.code === undefined || code === options.code);
      const also = fits ? options.also?.(exchange, seen) : undefined;
      if (also === undefined) return { holds: fits, observed };
      return { holds: also.holds, observed: `${observed}; ${also.observed}` };
    },
  };
}

/** The rows before and after the step are as expected. */
export function rowsShow(expected: string, judge: (seen: Observation) => Finding): Check {
  return { side: 'rows', expected, judge };
}

/** The audit table has an entry of this kind from this step. */
export function recorded(
  event: string,
  options: {
    readonly expected: string;
    readonly where: (entry: AuditEntry, seen: Observation) => boolean;
  },
): Check {
  return {
    side: 'audit',
    expected: options.expected,
    judge: (seen) => ({
      holds: seen.entries.some((entry) => entry.event === event && options.where(entry, seen)),
      observed: describeEntries(seen.entries),
    }),
  };
}

/** The audit table has no entry of this kind from this step. */
export function notRecorded(event: string, expected: string): Check {
  return {
    side: 'audit',
    expected,
    judge: ({ entries }) => ({
      holds: entries.every((entry) => entry.event !== event),
      observed: describeEntries(entries),
    }),
  };
}

/** Asked of every step: the stored hashes belong to the stored entries. */
export const entriesFitTheirHashes: Check = {
  side: 'audit',
  expected: 'Each stored leaf hash is SHA-256 of 0x00 and the entry as stored.',
  judge: ({ entries }) => {
    const fitting = entries.filter((entry) => entry.leafHash === entry.recomputedHash);
    return {
      holds: entries.length > 0 && fitting.length === entries.length,
      observed: `${fitting.length} of ${entries.length} entries fit`,
    };
  },
};

export function findExchange(
  exchanges: readonly Exchange[],
  choice: ExchangeChoice,
): Exchange | undefined {
  return exchanges.findLast(
    (it) =>
      (choice.method === undefined || it.method === choice.method) &&
      (choice.path === undefined || it.path === choice.path) &&
      (choice.by === undefined || it.by === choice.by) &&
      (choice.note === undefined || it.note === choice.note),
  );
}

export function fails(observed: string): Finding {
  return { holds: false, observed };
}

function describeEntries(entries: readonly AuditEntry[]): string {
  if (entries.length === 0) return 'no entry';
  const named = entries.map(({ event, outcome, reason }) =>
    reason === null ? `${event} ${outcome}` : `${event} ${outcome} (${reason})`,
  );
  const counts = Map.groupBy(named, (name) => name);
  return [...counts]
    .map(([name, { length }]) => (length === 1 ? name : `${name} ×${length}`))
    .join(', ');
}

function foldText(text: string): string {
  return text.replaceAll('’', "'").replace(/\s+/g, ' ').toLowerCase();
}

function quote(text: string): string {
  return `“${text}”`;
}
