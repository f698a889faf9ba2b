import { useSession } from '@countersign/react';
import type { ReactNode } from 'react';
import { readIdentityProvider } from '../api-identity-provider.ts';
import { Delayed } from '../components/Delayed.tsx';
import { LoadFault } from '../components/LoadFault.tsx';
import { PageHeading } from '../components/PageHeading.tsx';
import { messages } from '../messages.ts';
import { providerMessages } from '../messages-provider.ts';
import { ProviderEditor } from '../provider/ProviderEditor.tsx';
import { ProviderStanding } from '../provider/ProviderStanding.tsx';
import { useLoad } from '../use-load.ts';
import { useOutcome } from '../use-outcome.tsx';

export function IdentityProviderPage(): ReactNode {
  const text = providerMessages;
  const { session } = useSession();
  const document = useLoad('identity-provider', readIdentityProvider);
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
        <>
          <ProviderStanding document={data} />
          <ProviderEditor
            document={data}
            key={data.version}
            onSaved={({ version, receipt }) => {
              outcome.show({ title: text.saved(version), receipt });
              document.reload();
            }}
          />
        </>
      )}
    </>
  );
}
