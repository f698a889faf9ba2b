import { type ReactNode, useId } from 'react';

export interface Choice<Value extends string> {
  readonly value: Value;
  readonly label: string;
  readonly hint?: string;
}

export interface ChoiceFieldProps<Value extends string> {
  readonly label: string;
  readonly choices: readonly Choice<Value>[];
  readonly value: Value;
  readonly onChange: (value: Value) => void;
}

/** One of a few, all in sight. */
export function ChoiceField<Value extends string>(props: ChoiceFieldProps<Value>): ReactNode {
  const { label, choices, value, onChange } = props;
  const name = useId();
  return (
    <fieldset className="grid gap-2">
      <legend className="cs-label mb-2">{label}</legend>
      {choices.map((choice) => (
        <label className="choice" key={choice.value}>
          <input
            checked={choice.value === value}
            name={name}
            onChange={() => onChange(choice.value)}
            type="radio"
            value={choice.value}
          />
          <span>
            <span className="block font-[560]">{choice.label}</span>
            {choice.hint === undefined ? null : (
              <span className="block text-ink-3 text-sm">{choice.hint}</span>
            )}
          </span>
        </label>
      ))}
    </fieldset>
  );
}
