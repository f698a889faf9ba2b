import { type ReactNode, useId } from 'react';

export interface LinesFieldProps {
  readonly label: string;
  readonly hint: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly error?: string | null;
}

/** Several values, one to a line. */
export function LinesField(props: LinesFieldProps): ReactNode {
  const { label, hint, value, onChange, error = null } = props;
  const id = useId();
  return (
    <div className="cs-field">
      <label className="cs-label" htmlFor={id}>
        {label}
      </label>
      <p className="cs-hint" id={`${id}-hint`}>
        {hint}
      </p>
      <textarea
        aria-describedby={error === null ? `${id}-hint` : `${id}-error ${id}-hint`}
        aria-invalid={error !== null || undefined}
        autoCapitalize="off"
        autoComplete="off"
        className="cs-input font-mono text-[0.875rem]"
        id={id}
        onChange={(event) => onChange(event.target.value)}
        rows={3}
        spellCheck={false}
        value={value}
      />
      <div className="cs-error" id={`${id}-error`} role="alert">
        {error}
      </div>
    </div>
  );
}
