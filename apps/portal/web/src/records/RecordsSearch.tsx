import { type ReactNode, useId } from 'react';
import { Icon } from '../components/Icon.tsx';
import { recordsMessages } from '../messages-records.ts';

export interface RecordsSearchProps {
  readonly value: string;
  readonly onChange: (value: string) => void;
}

export function RecordsSearch({ value, onChange }: RecordsSearchProps): ReactNode {
  const text = recordsMessages.records;
  const id = useId();
  return (
    <search className="relative w-full sm:w-88">
      <label className="cs-sr-only" htmlFor={id}>
        {text.search}
      </label>
      <Icon className="pointer-events-none absolute top-3 left-3 size-5 text-ink-3" name="search" />
      <input
        autoComplete="off"
        className="cs-input pl-10!"
        id={id}
        onChange={(event) => onChange(event.target.value)}
        placeholder={text.searchHint}
        type="search"
        value={value}
      />
    </search>
  );
}
