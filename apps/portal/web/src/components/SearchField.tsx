import { type ReactNode, useId } from 'react';
import { Icon } from './Icon.tsx';

export interface SearchFieldProps {
  /** Read out; not shown beside the icon. */
  readonly label: string;
  readonly hint: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
}

export function SearchField({ label, hint, value, onChange }: SearchFieldProps): ReactNode {
  const id = useId();
  return (
    <search className="relative w-full sm:w-88">
      <label className="cs-sr-only" htmlFor={id}>
        {label}
      </label>
      <Icon className="pointer-events-none absolute top-3 left-3 size-5 text-ink-3" name="search" />
      <input
        autoComplete="off"
        className="cs-input pl-10!"
        id={id}
        onChange={(event) => onChange(event.target.value)}
        placeholder={hint}
        type="search"
        value={value}
      />
    </search>
  );
}
