import type { Exchange } from '../exchange.ts';
import type { Rows } from '../rows.ts';
import type { Cell, Method } from './cells.ts';

/** A confirmation that was accepted. */
export interface Confirmed {
  readonly stepUpId: string;
  readonly method: Method;
  /** Null where confirming opens a window instead. */
  readonly grant: string | null;
  /** RFC 3339, UTC: until when grant or window are good. */
  readonly expiresAt: string;
}

/** One request for an operation, with the rows of whoever made it just before and just after. */
export interface Trial {
  readonly cell: Cell;
  readonly exchange: Exchange;
  readonly before: Rows;
  readonly after: Rows;
  /** What the request rested on; null for a session alone. */
  readonly confirmed: Confirmed | null;
}

/** The parts of the rows that an act can change; confirming and refusing change none of them. */
export const PARTS = [
  'account',
  'boundAuthenticators',
  'recoverySet',
  'enrolments',
  'emailChange',
  'members',
  'policy',
  'records',
  'exports',
  'apiKeys',
  'credits',
] as const satisfies readonly (keyof Rows)[];

export type Part = (typeof PARTS)[number];

/** Which parts are not what they were before the request. */
export function changedParts({ before, after }: Pick<Trial, 'before' | 'after'>): readonly Part[] {
  return PARTS.filter((part) => JSON.stringify(before[part]) !== JSON.stringify(after[part]));
}

/** How many acts of an operation were committed while the request was under way. */
export function committedActs(
  { before, after }: Pick<Trial, 'before' | 'after'>,
  operation: string,
): number {
  return (after.committedActs[operation] ?? 0) - (before.committedActs[operation] ?? 0);
}
