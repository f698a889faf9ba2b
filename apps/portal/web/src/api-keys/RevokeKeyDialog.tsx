import type { ReactNode } from 'react';
import type { ApiKey } from '../api-keys.ts';
import { FormDialog } from '../components/FormDialog.tsx';
import { explainError } from '../explain-error.ts';
import { apiKeysMessages } from '../messages-api-keys.ts';
import { useAction } from '../use-action.ts';

export interface RevokeKeyDialogProps {
  readonly apiKey: ApiKey;
  readonly onRevoke: () => Promise<void>;
  readonly onCancel: () => void;
}

/** Asks before: a confirmation a moment ago may spare the one that would ask otherwise. */
export function RevokeKeyDialog({ apiKey, onRevoke, onCancel }: RevokeKeyDialogProps): ReactNode {
  const text = apiKeysMessages;
  const action = useAction(onRevoke);
  const own = { conflict: text.revokedBefore };
  return (
    <FormDialog
      busy={action.busy}
      error={action.error === null ? null : explainError(action.error, own)}
      onCancel={onCancel}
      onSubmit={() => action.run()}
      submitLabel={text.revokeSubmit}
      title={text.revokeTitle(apiKey.name)}
      tone="danger"
    >
      <p className="text-ink-2">{text.revokeBody}</p>
    </FormDialog>
  );
}
