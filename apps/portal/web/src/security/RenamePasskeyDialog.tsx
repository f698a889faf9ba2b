import { useDraft } from '@countersign/react';
import type { Authenticator } from '@countersign/server/contract';
import type { ReactNode } from 'react';
import { FormDialog } from '../components/FormDialog.tsx';
import { TextField } from '../components/TextField.tsx';
import { explainError } from '../explain-error.ts';
import { securityMessages } from '../messages-security.ts';
import { useAction } from '../use-action.ts';
import { useFaults } from '../use-faults.ts';

export interface RenamePasskeyDialogProps {
  readonly passkey: Authenticator;
  readonly onRename: (name: string) => Promise<void>;
  readonly onCancel: () => void;
}

export function RenamePasskeyDialog(props: RenamePasskeyDialogProps): ReactNode {
  const { passkey, onRename, onCancel } = props;
  const text = securityMessages.passkey;
  const [name, setName] = useDraft(`rename-${passkey.id}`, passkey.name);
  const { form, faults, report } = useFaults<'name'>();
  const action = useAction(() => onRename(name.trim()));
  const submit = () => {
    action.forget();
    if (!report(name.trim() === '' ? { name: text.nameMissing } : {})) action.run();
  };
  return (
    <FormDialog
      busy={action.busy}
      error={action.error === null ? null : explainError(action.error)}
      onCancel={onCancel}
      onSubmit={submit}
      ref={form}
      submitLabel={text.renameSubmit}
      title={text.renameTitle}
    >
      <TextField
        autoComplete="off"
        autoFocus
        error={faults.name ?? null}
        hint={text.nameHint}
        label={text.name}
        maxLength={80}
        onChange={setName}
        value={name}
      />
    </FormDialog>
  );
}
