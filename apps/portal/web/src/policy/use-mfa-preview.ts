import type { MfaPolicy, PolicyPreview } from '@countersign/server/contract';
import { previewPolicy } from '../api-administration.ts';
import { useDebounced } from '../use-debounced.ts';
import { useLoad } from '../use-load.ts';
import { asksAnything, findMfaFaults, type MfaForm, parseMfa } from './mfa-form.ts';

const RESTED_MS = 400;

export interface MfaPreview {
  /** `nobody` is asked for anything; `invalid` cannot be asked about. */
  readonly kind: 'nobody' | 'invalid' | 'counted' | 'failed';
  /** The last count, of what was typed before while `isDue`. */
  readonly counts: PolicyPreview | null;
  /** Whether the count of what is typed now is still to come. */
  readonly isDue: boolean;
  readonly error: unknown;
}

/** Whom the policy as it is typed would affect: asked once typing rests. */
export function useMfaPreview(form: MfaForm): MfaPreview {
  const isValid = findMfaFaults(form).length === 0;
  const isAsked = isValid && asksAnything(form);
  const key = isAsked ? JSON.stringify(parseMfa(form)) : '';
  const rested = useDebounced(key, RESTED_MS);
  const { data, error, busy } = useLoad(rested, async (signal) => {
    // Written above, from a policy that JSON carries whole.
    return rested === '' ? null : previewPolicy(JSON.parse(rested) as MfaPolicy, signal);
  });
  if (!isAsked) {
    return { kind: isValid ? 'nobody' : 'invalid', counts: null, isDue: false, error: null };
  }
  const isDue = key !== rested || busy;
  const hasFailed = error !== null && !isDue;
  return { kind: hasFailed ? 'failed' : 'counted', counts: data, isDue, error };
}
