import { CountersignError } from '@countersign/react';
import type { ReactNode } from 'react';
import { useLocation, useSearch } from 'wouter';
import { listAuditEvents } from '../api-audit.ts';
import { AuditCard } from '../audit/AuditCard.tsx';
import { AuditFilterForm } from '../audit/AuditFilterForm.tsx';
import {
  formatFilters,
  parseEntryHash,
  parseFilters,
  toAuditQuery,
} from '../audit/audit-filters.ts';
import { Notice } from '../components/Notice.tsx';
import { PageHeading } from '../components/PageHeading.tsx';
import { explainError } from '../explain-error.ts';
import { auditMessages } from '../messages-audit.ts';
import { useCursors } from '../use-cursors.ts';
import { useLoad } from '../use-load.ts';
import { ForbiddenPage } from './ForbiddenPage.tsx';

export function AuditPage(): ReactNode {
  const text = auditMessages.audit;
  const [path, navigate] = useLocation();
  const search = useSearch();
  const filters = parseFilters(search);
  const cursors = useCursors();
  const applied = formatFilters(filters);
  const events = useLoad(JSON.stringify([applied, cursors.current]), (signal) =>
    listAuditEvents({ ...toAuditQuery(filters), cursor: cursors.current }, signal),
  );
  const { error } = events;
  if (error instanceof CountersignError && error.code === 'forbidden') return <ForbiddenPage />;
  return (
    <>
      <PageHeading title={text.title}>{text.intro}</PageHeading>
      <AuditFilterForm
        applied={filters}
        key={applied}
        onApply={(next) => {
          cursors.reset();
          navigate(`${path}${formatFilters(next)}`);
        }}
      />
      {error === null ? null : <Notice tone="danger">{explainError(error)}</Notice>}
      <AuditCard cursors={cursors} entryHash={parseEntryHash(search)} events={events} />
    </>
  );
}
