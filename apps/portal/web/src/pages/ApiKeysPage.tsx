import { useDraft, useProtected, useSession } from '@countersign/react';
import { type ReactNode, useState } from 'react';
import { ApiKeysTable } from '../api-keys/ApiKeysTable.tsx';
import { CreateKeyDialog } from '../api-keys/CreateKeyDialog.tsx';
import { NewKeyDialog } from '../api-keys/NewKeyDialog.tsx';
import { RevokeKeyDialog } from '../api-keys/RevokeKeyDialog.tsx';
import {
  type ApiKey,
  type ApiKeyCreated,
  createApiKey,
  listApiKeys,
  revokeApiKey,
} from '../api-keys.ts';
import { Button } from '../components/Button.tsx';
import { Delayed } from '../components/Delayed.tsx';
import { LoadFault } from '../components/LoadFault.tsx';
import { PageHeading } from '../components/PageHeading.tsx';
import { messages } from '../messages.ts';
import { apiKeysMessages } from '../messages-api-keys.ts';
import { useLoad } from '../use-load.ts';
import { useNow } from '../use-now.ts';
import { useOutcome } from '../use-outcome.tsx';

type Open =
  | { readonly name: 'shown'; readonly created: ApiKeyCreated; readonly keyName: string }
  | { readonly name: 'revoke'; readonly apiKey: ApiKey };

export function ApiKeysPage(): ReactNode {
  const text = apiKeysMessages;
  const { session } = useSession();
  const now = useNow();
  const keys = useLoad('api-keys', listApiKeys);
  const outcome = useOutcome();
  const [open, setOpen] = useState<Open | null>(null);
  // What is being typed is kept where the session ends meanwhile: the dialog is then open again.
  const [isCreating, setCreating] = useDraft('api-key-creating', false);
  const close = () => {
    setOpen(null);
    setCreating(false);
  };
  const show = (created: ApiKeyCreated, { name: keyName }: { readonly name: string }) => {
    setCreating(false);
    setOpen({ name: 'shown', created, keyName });
    keys.reload();
  };
  const create = useProtected('api-key.create', createApiKey, {
    onResumed: show,
  });
  const revoke = useProtected('api-key.revoke', revokeApiKey);

  return (
    <>
      <div className="flex flex-wrap items-start justify-between gap-4">
        <PageHeading title={text.title}>
          {text.intro(session?.tenant?.name ?? messages.product)}
        </PageHeading>
        <Button onClick={() => setCreating(true)} tone="primary">
          {text.create}
        </Button>
      </div>
      {outcome.panel}
      <LoadFault loaded={keys} />
      <Keys
        data={keys.data}
        hasFailed={keys.error !== null}
        now={now}
        onRevoke={(apiKey) => setOpen({ name: 'revoke', apiKey })}
      />
      {isCreating ? (
        <CreateKeyDialog
          onCancel={close}
          onCreate={async (params) => show(await create(params), params)}
        />
      ) : null}
      {open?.name === 'shown' ? (
        <NewKeyDialog
          apiKey={open.created.key}
          onDone={() => {
            const { receipt } = open.created;
            outcome.show({ title: text.created(open.keyName), receipt });
            close();
          }}
        />
      ) : null}
      {open?.name === 'revoke' ? (
        <RevokeKeyDialog
          apiKey={open.apiKey}
          onCancel={close}
          onRevoke={async () => {
            try {
              const receipt = await revoke({ id: open.apiKey.id });
              outcome.show({ title: text.revoked(open.apiKey.name), receipt });
              close();
            } finally {
              keys.reload();
            }
          }}
        />
      ) : null}
    </>
  );
}

interface KeysProps {
  readonly data: readonly ApiKey[] | null;
  readonly hasFailed: boolean;
  readonly now: Date;
  readonly onRevoke: (apiKey: ApiKey) => void;
}

function Keys({ data, hasFailed, now, onRevoke }: KeysProps): ReactNode {
  if (data === null) {
    return hasFailed ? null : (
      <div className="card min-h-64">
        <Delayed />
      </div>
    );
  }
  if (data.length > 0) return <ApiKeysTable keys={data} now={now} onRevoke={onRevoke} />;
  return (
    <div className="card grid min-h-64 place-content-center justify-items-center gap-2 px-6 py-12 text-center">
      <h2 className="font-[620] text-lg">{apiKeysMessages.emptyTitle}</h2>
      <p className="text-ink-2">{apiKeysMessages.emptyBody}</p>
    </div>
  );
}
