import { type ReactNode, useId } from 'react';

export interface SelectFieldProps {
  readonly label: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
  /** What each value is called, in the order to show them. */
  readonly names: Readonly<Record<string, string>>;
  /** What no value is called; without it there is always a value. */
  readonly anyLabel?: string;
  readonly className?: string;
  /** Keeps the label for those who hear the page, where a wide table's heading says it to the eye. */
  readonly isLabelHiddenWide?: boolean;
}

/** A choice of one value, or any; a value without a name is offered as it is. */
export function SelectField(props: SelectFieldProps): ReactNode {
  const {
    label,
    value,
    onChange,
    names,
    anyLabel,
    className = '',
    isLabelHiddenWide = false,
  } = props;
  const id = useId();
  return (
    <div className={`cs-field ${className}`}>
      <label className={isLabelHiddenWide ? 'cs-label wide:sr-only' : 'cs-label'} htmlFor={id}>
        {label}
      </label>
      <select
        className="cs-input"
        id={id}
        onChange={(event) => onChange(event.target.value)}
        value={value}
      >
        {anyLabel === undefined ? null : <option value="">{anyLabel}</option>}
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
