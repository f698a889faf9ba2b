import { type ReactNode, useId } from 'react';

export interface SelectFieldProps {
  readonly label: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
  /** What each value is called, in the order to show them. */
  readonly names: Readonly<Record<string, string>>;
  /** What no value is called. */
  readonly anyLabel: string;
}

/** A choice of one value or any; a value without a name is offered as it is. */
export function SelectField(props: SelectFieldProps): ReactNode {
  const { label, value, onChange, names, anyLabel } = props;
  const id = useId();
  return (
    <div className="cs-field">
      <label className="cs-label" htmlFor={id}>
        {label}
      </label>
      <select
        className="cs-input"
        id={id}
        onChange={(event) => onChange(event.target.value)}
        value={value}
      >
        <option value="">{anyLabel}</option>
        {value === '' || value in names ? null : <option value={value}>{value}</option>}
        {Object.entries(names).map(([code, name]) => (
          <option key={code} value={code}>
            {name}
          </option>
        ))}
      </select>
    </div>
  );
}
