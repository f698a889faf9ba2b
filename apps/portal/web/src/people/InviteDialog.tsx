import { useDraft } from '@countersign/react';
import { type ReactNode, useState } from 'react';
import { isEmailAddress } from '../account/email-address.ts';
import type { Role } from '../api-administration.ts';
import { ChoiceField } from '../components/ChoiceField.tsx';
import { FormDialog } from '../components/FormDialog.tsx';
import { TextField } from '../components/TextField.tsx';
import { explainError } from '../explain-error.ts';
import { peopleMessages } from '../messages-people.ts';
import { useAction } from '../use-action.ts';
import { useFaults } from '../use-faults.ts';

export interface InviteDialogProps {
  readonly onInvite: (params: { email: string; role: Role }) => Promise<void>;
  readonly onCancel: () => void;
}

export function InviteDialog({ onInvite, onCancel }: InviteDialogProps): ReactNode {
  const text = peopleMessages.invite;
  const [email, setEmail] = useDraft('invited-email', '');
  const [role, setRole] = useState<Role>('person');
  const { form, faults, report } = useFaults<'email'>();
  const typed = email.trim();
  const action = useAction(async () => onInvite({ email: typed, role }));
  const submit = () => {
    action.forget();
    if (!report(isEmailAddress(typed) ? {} : { email: text.emailMissing })) action.run();
  };
  const own = { conflict: text.isMember };
  return (
    <FormDialog
      busy={action.busy}
      error={action.error === null ? null : explainError(action.error, own)}
      onCancel={onCancel}
      onSubmit={submit}
      ref={form}
      submitLabel={text.submit}
      title={text.title}
    >
      <p className="text-ink-2">{text.intro}</p>
      <TextField
        autoCapitalize="off"
        autoComplete="off"
        autoFocus
        error={faults.email ?? null}
        inputMode="email"
        label={text.email}
        onChange={setEmail}
        spellCheck={false}
        type="email"
        value={email}
      />
      <ChoiceField
        choices={(['person', 'administrator'] as const).map((value) => ({
          value,
          label: peopleMessages.roles[value],
          hint: text.roleHints[value],
        }))}
        label={text.role}
        onChange={setRole}
        value={role}
      />
    </FormDialog>
  );
}
