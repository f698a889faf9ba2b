import { type MfaPolicy, mfaPolicySchema } from '@countersign/server/contract';

/** The part of a policy on who must have what, as it is typed. */
export interface MfaForm extends Pick<MfaPolicy, 'everyone' | 'administrators'> {
  /** `YYYY-MM-DD`, UTC; empty when it holds at once. */
  readonly from: string;
  readonly graceDays: string;
}

export type MfaField = 'from' | 'graceDays';

/** Writes the part as it can be typed. */
export function formatMfa({ everyone, administrators, from, graceDays }: MfaPolicy): MfaForm {
  return { everyone, administrators, from: from ?? '', graceDays: String(graceDays) };
}

/** Reads the part from what was typed, whatever is wrong with it. */
export function parseMfa({ everyone, administrators, from, graceDays }: MfaForm): MfaPolicy {
  const typed = graceDays.trim();
  return {
    everyone,
    administrators,
    from: from === '' ? null : from,
    graceDays: typed === '' ? Number.NaN : Number(typed),
  };
}

/** The fields that would be refused: a day that is none, a grace that is no number of days. */
export function findMfaFaults({ from, graceDays }: MfaForm): readonly MfaField[] {
  return [
    ...(from === '' || isDay(from) ? [] : (['from'] as const)),
    ...(isGrace(graceDays.trim()) ? [] : (['graceDays'] as const)),
  ];
}

/** Whether anybody is asked for more than a password. */
export function asksAnything({ everyone, administrators }: MfaForm): boolean {
  return everyone !== 'optional' || administrators !== 'optional';
}

/** Whether something typed is a day that a rule can begin on. */
export function isDay(text: string): boolean {
  return mfaPolicySchema.shape.from.safeParse(text).success;
}

function isGrace(text: string): boolean {
  return /^\d+$/u.test(text) && mfaPolicySchema.shape.graceDays.safeParse(Number(text)).success;
}
