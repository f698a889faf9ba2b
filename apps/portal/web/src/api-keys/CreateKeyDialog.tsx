import { useDraft } from '@countersign/react';
import type { ReactNode } from 'react';
import type { ApiKeyParams, ApiKeyScope } from '../api-keys.ts';
import { CheckboxGroup } from '../components/CheckboxGroup.tsx';
import { FormDialog } from '../components/FormDialog.tsx';
import { SelectField } from '../components/SelectField.tsx';
import { TextField } from '../components/TextField.tsx';
import { explainError } from '../explain-error.ts';
import { apiKeysMessages } from '../messages-api-keys.ts';
import { useAction } from '../use-action.ts';
import { useFaults } from '../use-faults.ts';
import { EXPIRY_DAYS, type ExpiryDays, expiryAfter } from './key-state.ts';

export interface CreateKeyDialogProps {
  readonly onCreate: (params: ApiKeyParams) => Promise<void>;
  readonly onCancel: () => void;
}

const SCOPES = ['records:read', 'records:write'] as const satisfies readonly ApiKeyScope[];
const LONGEST_NAME = 80;

export function CreateKeyDialog({ onCreate, onCancel }: CreateKeyDialogProps): ReactNode {
  const text = apiKeysMessages;
  const dialog = useCreateKey(onCreate);
  return (
    <FormDialog
      busy={dialog.busy}
      error={dialog.error}
      onCancel={onCancel}
      onSubmit={dialog.submit}
      ref={dialog.form}
      submitLabel={text.submit}
      title={text.createTitle}
    >
      <TextField
        autoComplete="off"
        autoFocus
        error={dialog.faults.name ?? null}
        hint={text.nameHint}
        label={text.name}
        onChange={dialog.setName}
        value={dialog.name}
      />
      <CheckboxGroup
        choices={SCOPES.map((value) => ({
          value,
          label: text.scopes[value],
          hint: text.scopeHints[value],
        }))}
        error={dialog.faults.scopes ?? null}
        label={text.mayLabel}
        onChange={dialog.setScopes}
        values={dialog.scopes}
      />
      <SelectField
        label={text.expiry}
        names={text.days}
        onChange={dialog.setDays}
        value={dialog.days}
      />
    </FormDialog>
  );
}

function useCreateKey(onCreate: CreateKeyDialogProps['onCreate']) {
  const text = apiKeysMessages;
  const [name, setName] = useDraft('api-key-name', '');
  const [scopes, setScopes] = useDraft<readonly ApiKeyScope[]>('api-key-scopes', ['records:read']);
  const [days, setDays] = useDraft<string>('api-key-days', '90');
  const { form, faults, report } = useFaults<'name' | 'scopes'>();
  const action = useAction(async () => {
    const expiresAt = expiryAfter(daysOf(days), new Date());
    await onCreate({ name: name.trim(), scopes, expiresAt });
  });
  const submit = () => {
    action.forget();
    const { length } = name.trim();
    const isFaulty = report({
      ...(length === 0 ? { name: text.nameMissing } : {}),
      ...(length > LONGEST_NAME ? { name: text.nameTooLong } : {}),
      ...(scopes.length === 0 ? { scopes: text.mayMissing } : {}),
    });
    if (!isFaulty) action.run();
  };
  const error =
    action.error === null ? null : explainError(action.error, { conflict: text.conflict });
  const { busy } = action;
  return { name, setName, scopes, setScopes, days, setDays, form, faults, busy, error, submit };
}

function daysOf(value: string): ExpiryDays {
  return EXPIRY_DAYS.find((days) => days === value) ?? '90';
}
