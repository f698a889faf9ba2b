import { useOpeningFocus } from '@countersign/react';
import { type ComponentProps, type ReactNode, useId } from 'react';

export interface TextFieldProps extends Omit<ComponentProps<'input'>, 'onChange' | 'value'> {
  readonly label: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly hint?: string;
  readonly error?: string | null;
}

/** A labelled text field whose error is announced when it appears. */
export function TextField(props: TextFieldProps): ReactNode {
  const { label, value, onChange, hint, error = null, className = '', autoFocus, ...rest } = props;
  const field = useOpeningFocus<HTMLDivElement>(autoFocus === true);
  const id = useId();
  const describedBy = [error === null ? '' : `${id}-error`, hint === undefined ? '' : `${id}-hint`];
  return (
    <div className={`cs-field ${className}`} ref={field}>
      <label className="cs-label" htmlFor={id}>
        {label}
      </label>
      <input
        {...rest}
        aria-describedby={describedBy.join(' ').trim() || undefined}
        aria-invalid={error !== null || undefined}
        className="cs-input"
        id={id}
        onChange={(event) => onChange(event.target.value)}
        value={value}
      />
      <div className="cs-error" id={`${id}-error`} role="alert">
        {error}
      </div>
      {hint === undefined ? null : (
        <p className="cs-hint" id={`${id}-hint`}>
          {hint}
        </p>
      )}
    </div>
  );
}
