import { useSession } from '@countersign/react';
import { lazy, type ReactNode, Suspense, useState } from 'react';
import { listRecords } from '../api-records.ts';
import { Button } from '../components/Button.tsx';
import { LoadFault } from '../components/LoadFault.tsx';
import { Notice } from '../components/Notice.tsx';
import { PageHeading } from '../components/PageHeading.tsx';
import { SearchField } from '../components/SearchField.tsx';
import { messages } from '../messages.ts';
import { exportsMessages } from '../messages-exports.ts';
import { recordsMessages } from '../messages-records.ts';
import { RecordsCard } from '../records/RecordsCard.tsx';
import { SelectionBar } from '../records/SelectionBar.tsx';
import { usePurge } from '../records/use-purge.ts';
import { useSelection } from '../records/use-selection.ts';
import { useLoad } from '../use-load.ts';
import { useOutcome } from '../use-outcome.tsx';
import { useSearchedPages } from '../use-searched-pages.ts';

const ImportDialog = lazy(async () => ({
  default: (await import('../records/ImportDialog.tsx')).ImportDialog,
}));
const ExportsSection = lazy(async () => ({
  default: (await import('../exports/ExportsSection.tsx')).ExportsSection,
}));

export function RecordsPage(): ReactNode {
  const text = recordsMessages.records;
  const { session } = useSession();
  const { typed, q, cursors, key, type } = useSearchedPages();
  const selection = useSelection();
  const outcome = useOutcome();
  const [asking, setAsking] = useState<'import' | 'export' | null>(null);
  const [imported, setImported] = useState<number | null>(null);
  const records = useLoad(key, (signal) => listRecords({ q, cursor: cursors.current }, signal));
  const startOver = () => {
    cursors.reset();
    records.reload();
  };
  const purge = usePurge(selection, ({ deleted, receipt }) => {
    outcome.show({ title: text.removed(deleted), receipt });
    startOver();
  });
  const isAdministrator = session?.tenant?.role === 'administrator';
  const close = () => setAsking(null);

  return (
    <>
      <div className="flex flex-wrap items-start justify-between gap-4">
        <PageHeading title={text.title}>
          {text.intro(session?.tenant?.name ?? messages.product)}
        </PageHeading>
        <div className="flex flex-wrap gap-2.5">
          {isAdministrator ? (
            <Button onClick={() => setAsking('export')}>{exportsMessages.action}</Button>
          ) : null}
          <Button onClick={() => setAsking('import')}>{recordsMessages.import.action}</Button>
        </div>
      </div>
      {outcome.panel}
      {imported === null ? null : (
        <Notice tone="ok">{recordsMessages.import.done(imported)}</Notice>
      )}
      {purge.error === null ? null : <Notice tone="danger">{purge.error}</Notice>}
      <LoadFault loaded={records} />
      {isAdministrator ? (
        <Suspense fallback={null}>
          <ExportsSection
            isAsking={asking === 'export'}
            onAsked={close}
            presentRecords={q === '' && !records.busy ? (records.data?.total ?? null) : null}
          />
        </Suspense>
      ) : null}
      <div className="grid gap-4">
        <div className="flex flex-wrap items-center justify-between gap-x-6 gap-y-3">
          <SearchField hint={text.searchHint} label={text.search} onChange={type} value={typed} />
          <SelectionBar
            onRemove={purge.remove}
            removing={purge.busy}
            selection={selection}
            total={records.data?.total ?? null}
          />
        </div>
        <RecordsCard
          cursors={cursors}
          onImport={() => setAsking('import')}
          onSearchClear={() => type('')}
          query={q}
          records={records}
          selection={selection}
        />
      </div>
      {asking === 'import' ? (
        <Suspense fallback={null}>
          <ImportDialog
            onClose={close}
            onImported={(count) => {
              close();
              setImported(count);
              startOver();
            }}
          />
        </Suspense>
      ) : null}
    </>
  );
}
