import type { ReactNode } from 'react';
import { FormDialog } from '../components/FormDialog.tsx';
import { explainError } from '../explain-error.ts';
import { accountMessages } from '../messages-account.ts';
import { useAction } from '../use-action.ts';

export interface DeleteAccountDialogProps {
  readonly onDelete: () => Promise<void>;
  readonly onCancel: () => void;
}

/** What goes and what stays; the confirmation dialog then asks who wants it. */
export function DeleteAccountDialog({ onDelete, onCancel }: DeleteAccountDialogProps): ReactNode {
  const text = accountMessages.delete;
  const action = useAction(onDelete);
  const error =
    action.error === null ? null : explainError(action.error, { conflict: text.lastAdministrator });
  return (
    <FormDialog
      busy={action.busy}
      error={error}
      onCancel={onCancel}
      onSubmit={() => action.run()}
      submitLabel={text.submit}
      title={text.title}
      tone="danger"
    >
      <p className="rounded-lg bg-danger-soft px-4 py-3 font-[600] text-danger">
        {text.irreversible}
      </p>
      <Items items={text.goesItems} title={text.goes} />
      <Items items={text.staysItems} title={text.stays} />
    </FormDialog>
  );
}

interface ItemsProps {
  readonly title: string;
  readonly items: readonly string[];
}

function Items({ title, items }: ItemsProps): ReactNode {
  return (
    <div className="grid gap-1.5">
      <h3 className="font-[600]">{title}</h3>
      <ul className="grid list-disc gap-1 pl-5 text-ink-2 marker:text-ink-3">
        {items.map((item) => (
          <li key={item}>{item}</li>
        ))}
      </ul>
    </div>
  );
}
