import { useSession } from '@countersign/react';
import type { ReactNode } from 'react';
import { readPolicy } from '../api-administration.ts';
import { Delayed } from '../components/Delayed.tsx';
import { LoadFault } from '../components/LoadFault.tsx';
import { PageHeading } from '../components/PageHeading.tsx';
import { messages } from '../messages.ts';
import { policyMessages } from '../messages-policy.ts';
import { PolicyEditor } from '../policy/PolicyEditor.tsx';
import { useLoad } from '../use-load.ts';
import { useOutcome } from '../use-outcome.tsx';

export function PolicyPage(): ReactNode {
  const text = policyMessages;
  const { session, refresh } = useSession();
  const document = useLoad('policy', readPolicy);
  const outcome = useOutcome();
  const { data } = document;
  return (
    <>
      <PageHeading title={text.title}>
        {text.intro(session?.tenant?.name ?? messages.product)}{' '}
        {data === null ? null : text.version(data.version)}
      </PageHeading>
      {outcome.panel}
      <LoadFault loaded={document} />
      {data === null && document.error === null ? (
        <div className="card min-h-96">
          <Delayed />
        </div>
      ) : null}
      {data === null ? null : (
        <PolicyEditor
          document={data}
          onReload={document.reload}
          onSaving={outcome.dismiss}
          onSaved={({ version, receipt }) => {
            outcome.show({ title: text.saved(version), receipt });
            document.reload();
            // What it asks of the one who saved it is shown, too.
            void refresh();
          }}
        />
      )}
    </>
  );
}
