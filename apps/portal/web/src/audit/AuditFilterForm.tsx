import { type FormEvent, type ReactNode, useState } from 'react';
import { Button } from '../components/Button.tsx';
import { SelectField } from '../components/SelectField.tsx';
import { TextField } from '../components/TextField.tsx';
import { auditMessages } from '../messages-audit.ts';
import { type AuditFilters, NO_FILTERS } from './audit-filters.ts';

export interface AuditFilterFormProps {
  readonly applied: AuditFilters;
  readonly onApply: (filters: AuditFilters) => void;
}

/** The filters, applied together when asked. */
export function AuditFilterForm({ applied, onApply }: AuditFilterFormProps): ReactNode {
  const text = auditMessages.audit;
  const [filters, setFilters] = useState(applied);
  const change = (name: keyof AuditFilters) => (value: string) =>
    setFilters((old) => ({ ...old, [name]: value }));
  const submit = (event: FormEvent) => {
    event.preventDefault();
    onApply({ ...filters, actor: filters.actor.trim() });
  };
  return (
    <search>
      <form aria-label={text.filters} className="card grid gap-4 p-5" onSubmit={submit}>
        <div className="grid gap-4 sm:grid-cols-2 lg:grid-cols-3">
          <TextField
            label={text.from}
            max="9999-12-31T23:59"
            onChange={change('from')}
            type="datetime-local"
            value={filters.from}
          />
          <TextField
            label={text.to}
            max="9999-12-31T23:59"
            onChange={change('to')}
            type="datetime-local"
            value={filters.to}
          />
          <TextField
            autoCapitalize="off"
            autoComplete="off"
            label={text.actor}
            onChange={change('actor')}
            placeholder={text.actorHint}
            spellCheck={false}
            value={filters.actor}
          />
          <SelectField
            anyLabel={text.any}
            label={text.event}
            names={text.events}
            onChange={change('event')}
            value={filters.event}
          />
          <SelectField
            anyLabel={text.any}
            label={text.operation}
            names={text.operations}
            onChange={change('operation')}
            value={filters.operation}
          />
          <SelectField
            anyLabel={text.any}
            label={text.outcome}
            names={text.outcomes}
            onChange={change('outcome')}
            value={filters.outcome}
          />
        </div>
        <div className="flex flex-wrap gap-2.5">
          <Button tone="primary" type="submit">
            {text.apply}
          </Button>
          <Button
            onClick={() => {
              setFilters(NO_FILTERS);
              onApply(NO_FILTERS);
            }}
            tone="quiet"
          >
            {text.clear}
          </Button>
        </div>
      </form>
    </search>
  );
}
