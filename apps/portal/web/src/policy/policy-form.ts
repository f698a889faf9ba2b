import type { TenantPolicy } from '@countersign/server/contract';
import { formatMfa, type MfaField, type MfaForm, parseMfa } from './mfa-form.ts';
import {
  formatSessions,
  parseSessions,
  type SessionField,
  type SessionForm,
} from './session-form.ts';

const MOST_VALUES = 20;
const LONGEST_VALUE = 200;

/** A policy as it is typed: lists are text, one value to a line. */
export interface PolicyForm extends MfaForm, SessionForm {
  readonly emailBaseline: boolean;
  readonly acrValues: string;
  readonly mfaAcr: string;
  readonly mfaAmr: string;
}

type PolicyList = 'acrValues' | 'mfaAcr' | 'mfaAmr';
/** A field that may be refused. */
export type PolicyField = PolicyList | MfaField | SessionField;
export const POLICY_LISTS = ['acrValues', 'mfaAcr', 'mfaAmr'] as const;

/** The lines of a text that hold something, each once, without the space around them. */
export function parseLines(text: string): string[] {
  const lines = text.split('\n').map((line) => line.trim());
  return [...new Set(lines.filter((line) => line !== ''))];
}

/** Writes a policy as it can be typed. */
export function formatPolicy(policy: TenantPolicy): PolicyForm {
  const { mfa, emailBaseline, sessions, identityProvider } = policy;
  return {
    ...formatMfa(mfa),
    ...formatSessions(sessions),
    emailBaseline,
    acrValues: identityProvider.acrValues.join('\n'),
    mfaAcr: identityProvider.mfaAcr.join('\n'),
    mfaAmr: identityProvider.mfaAmr.join('\n'),
  };
}

/** Reads a policy from what was typed. */
export function parsePolicy(form: PolicyForm): TenantPolicy {
  return {
    mfa: parseMfa(form),
    emailBaseline: form.emailBaseline,
    sessions: parseSessions(form),
    identityProvider: {
      acrValues: parseLines(form.acrValues),
      mfaAcr: parseLines(form.mfaAcr),
      mfaAmr: parseLines(form.mfaAmr),
    },
  };
}

/** What is wrong with a list before it is sent; null when nothing is. */
export function checkLines(text: string): 'tooMany' | 'tooLong' | null {
  const lines = parseLines(text);
  if (lines.length > MOST_VALUES) return 'tooMany';
  return lines.some((line) => line.length > LONGEST_VALUE) ? 'tooLong' : null;
}

/** Whether two policies say the same; the order of asked-for values counts. */
export function isSamePolicy(one: TenantPolicy, other: TenantPolicy): boolean {
  return JSON.stringify(formatPolicy(one)) === JSON.stringify(formatPolicy(other));
}
