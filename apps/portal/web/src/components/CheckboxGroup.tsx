import { type ReactNode, useId } from 'react';
import type { Choice } from './ChoiceField.tsx';

export interface CheckboxGroupProps<Value extends string> {
  readonly label: string;
  readonly choices: readonly Choice<Value>[];
  readonly values: readonly Value[];
  readonly onChange: (values: readonly Value[]) => void;
  readonly error?: string | null;
}

/** Any of a few, in the order they are offered. */
export function CheckboxGroup<Value extends string>(props: CheckboxGroupProps<Value>): ReactNode {
  const { label, choices, values, onChange, error = null } = props;
  const id = useId();
  const toggle = (value: Value, isChosen: boolean) =>
    onChange(
      choices
        .map((choice) => choice.value)
        .filter((other) => (other === value ? isChosen : values.includes(other))),
    );
  return (
    <fieldset className="grid gap-2">
      <legend className="cs-label mb-2">{label}</legend>
      {choices.map((choice) => (
        <label className="choice" key={choice.value}>
          <input
            aria-describedby={error === null ? undefined : id}
            aria-invalid={error !== null || undefined}
            checked={values.includes(choice.value)}
            onChange={(event) => toggle(choice.value, event.target.checked)}
            type="checkbox"
          />
          <span>
            <span className="block font-[560]">{choice.label}</span>
            {choice.hint === undefined ? null : (
              <span className="block text-ink-3 text-sm">{choice.hint}</span>
            )}
          </span>
        </label>
      ))}
      <div className="cs-error" id={id} role="alert">
        {error}
      </div>
    </fieldset>
  );
}
