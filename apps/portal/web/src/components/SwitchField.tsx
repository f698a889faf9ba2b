import { type ReactNode, useId } from 'react';

export interface SwitchFieldProps {
  readonly label: string;
  readonly hint: string;
  readonly isOn: boolean;
  readonly onChange: (isOn: boolean) => void;
}

/** Something that is on or off. */
export function SwitchField({ label, hint, isOn, onChange }: SwitchFieldProps): ReactNode {
  const id = useId();
  return (
    <div className="flex items-start gap-4">
      <div className="min-w-0 grow">
        <label className="cs-label cursor-pointer" htmlFor={id}>
          {label}
        </label>
        <p className="text-ink-2" id={`${id}-hint`}>
          {hint}
        </p>
      </div>
      <input
        aria-checked={isOn}
        aria-describedby={`${id}-hint`}
        checked={isOn}
        className="switch"
        id={id}
        onChange={(event) => onChange(event.target.checked)}
        role="switch"
        type="checkbox"
      />
    </div>
  );
}
