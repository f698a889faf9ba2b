import type { ReactNode } from 'react';
import { Button } from '../components/Button.tsx';
import { Icon } from '../components/Icon.tsx';
import { recordsMessages } from '../messages-records.ts';

export interface RecordsEmptyProps {
  readonly query: string;
  readonly onImport: () => void;
  readonly onSearchClear: () => void;
}

export function RecordsEmpty({ query, onImport, onSearchClear }: RecordsEmptyProps): ReactNode {
  const text = recordsMessages.records;
  const isSearch = query !== '';
  return (
    <div className="card grid min-h-96 place-content-center justify-items-center gap-3 px-6 py-12 text-center">
      <span className="grid size-12 place-items-center rounded-xl bg-accent-soft text-accent">
        <Icon className="size-6" name={isSearch ? 'search' : 'file'} />
      </span>
      <h2 className="font-[620] text-lg [overflow-wrap:anywhere]">
        {isSearch ? text.noMatchTitle(query) : text.emptyTitle}
      </h2>
      <p className="max-w-[50ch] text-ink-2">{isSearch ? text.noMatchBody : text.emptyBody}</p>
      {isSearch ? (
        <Button onClick={onSearchClear}>{text.clearSearch}</Button>
      ) : (
        <Button onClick={onImport} tone="primary">
          {recordsMessages.import.action}
        </Button>
      )}
    </div>
  );
}
