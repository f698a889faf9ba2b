import { useSession } from '@countersign/react';
import { lazy, type ReactNode, Suspense, useState } from 'react';
import { listRecords } from '../api.ts';
import { Button } from '../components/Button.tsx';
import { Notice } from '../components/Notice.tsx';
import { PageHeading } from '../components/PageHeading.tsx';
import { explainError } from '../explain-error.ts';
import { messages } from '../messages.ts';
import { PurgeReceipt } from '../records/PurgeReceipt.tsx';
import { RecordsCard } from '../records/RecordsCard.tsx';
import { RecordsSearch } from '../records/RecordsSearch.tsx';
import { SelectionBar } from '../records/SelectionBar.tsx';
import { usePurge } from '../records/use-purge.ts';
import { useSelection } from '../records/use-selection.ts';
import { useCursors } from '../use-cursors.ts';
import { useDebounced } from '../use-debounced.ts';
import { useLoad } from '../use-load.ts';

const ImportDialog = lazy(async () => ({
  default: (await import('../records/ImportDialog.tsx')).ImportDialog,
}));

export function RecordsPage(): ReactNode {
  const text = messages.records;
  const { session } = useSession();
  const [typed, setTyped] = useState('');
  const q = useDebounced(typed.trim(), 250);
  const cursors = useCursors();
  const selection = useSelection();
  const [importing, setImporting] = useState(false);
  const [imported, setImported] = useState<number | null>(null);
  const records = useLoad(JSON.stringify([q, cursors.current]), (signal) =>
    listRecords({ q, cursor: cursors.current }, signal),
  );
  const startOver = () => {
    cursors.reset();
    records.reload();
  };
  const purge = usePurge(selection, startOver);

  return (
    <>
      <div className="flex flex-wrap items-start justify-between gap-4">
        <PageHeading title={text.title}>
          {text.intro(session?.tenant?.name ?? messages.product)}
        </PageHeading>
        <Button onClick={() => setImporting(true)}>{messages.import.action}</Button>
      </div>
      {purge.purged === null ? null : (
        <PurgeReceipt
          key={purge.purged.receipt.id}
          onDismiss={purge.dismiss}
          purged={purge.purged}
        />
      )}
      {imported === null ? null : <Notice tone="ok">{messages.import.done(imported)}</Notice>}
      {purge.error === null ? null : <Notice tone="danger">{purge.error}</Notice>}
      {records.error === null ? null : (
        <Notice tone="danger">
          <div className="flex flex-wrap items-center justify-between gap-3">
            {explainError(records.error)}
            <Button onClick={records.reload}>{messages.tryAgain}</Button>
          </div>
        </Notice>
      )}
      <div className="grid gap-4">
        <div className="flex flex-wrap items-center justify-between gap-x-6 gap-y-3">
          <RecordsSearch
            onChange={(value) => {
              setTyped(value);
              cursors.reset();
            }}
            value={typed}
          />
          <SelectionBar
            onRemove={() => void purge.remove()}
            removing={purge.busy}
            selection={selection}
            total={records.data?.total ?? null}
          />
        </div>
        <RecordsCard
          cursors={cursors}
          onImport={() => setImporting(true)}
          onSearchClear={() => setTyped('')}
          query={q}
          records={records}
          selection={selection}
        />
      </div>
      {importing ? (
        <Suspense fallback={null}>
          <ImportDialog
            onClose={() => setImporting(false)}
            onImported={(count) => {
              setImporting(false);
              setImported(count);
              startOver();
            }}
          />
        </Suspense>
      ) : null}
    </>
  );
}
