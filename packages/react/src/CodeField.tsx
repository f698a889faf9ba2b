import { type ReactNode, type Ref, useId } from 'react';
import { normalizeCode } from './normalize-code.ts';
import { useOpeningFocus } from './use-opening-focus.ts';

export interface CodeFieldProps {
  readonly label: string;
  /** The digits so far. */
  readonly value: string;
  /** Called with the digits alone, at most six. */
  readonly onChange: (code: string) => void;
  readonly hint?: string;
  /** What is wrong with the code; announced when it appears. */
  readonly error?: string | null;
  /** Whether this field is what the person came for. */
  readonly autoFocus?: boolean;
  readonly ref?: Ref<HTMLInputElement>;
}

/**
 * One field for a six-digit code. It takes pasted spaces and dashes, lets the browser fill the
 * code in, and never submits by itself: Enter does.
 */
export function CodeField(props: CodeFieldProps): ReactNode {
  const { label, value, onChange, hint, error = null, autoFocus = false, ref } = props;
  const id = useId();
  const field = useOpeningFocus<HTMLDivElement>(autoFocus);
  const hintId = `${id}-hint`;
  const errorId = `${id}-error`;
  const describedBy = [error === null ? '' : errorId, hint === undefined ? '' : hintId];
  return (
    <div className="cs-field" ref={field}>
      <label className="cs-label" htmlFor={id}>
        {label}
      </label>
      <input
        aria-describedby={describedBy.join(' ').trim() || undefined}
        aria-invalid={error !== null}
        autoCapitalize="off"
        autoComplete="one-time-code"
        className="cs-input cs-code"
        id={id}
        inputMode="numeric"
        name="code"
        onChange={(event) => onChange(normalizeCode(event.target.value))}
        ref={ref}
        spellCheck={false}
        type="text"
        value={value}
      />
      <div className="cs-error" id={errorId} role="alert">
        {error}
      </div>
      {hint === undefined ? null : (
        <p className="cs-hint" id={hintId}>
          {hint}
        </p>
      )}
    </div>
  );
}
