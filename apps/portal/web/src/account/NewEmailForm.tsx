import { CountersignError, useDraft } from '@countersign/react';
import { type ReactNode, useState } from 'react';
import { DialogForm } from '../components/DialogForm.tsx';
import { PasswordField } from '../components/PasswordField.tsx';
import { TextField } from '../components/TextField.tsx';
import { explainError } from '../explain-error.ts';
import { messages } from '../messages.ts';
import { accountMessages } from '../messages-account.ts';
import { useAction } from '../use-action.ts';
import { useFaults } from '../use-faults.ts';
import { isEmailAddress } from './email-address.ts';

export interface NewEmailFormProps {
  readonly email: string;
  readonly onStart: (params: { newEmail: string; password: string }) => Promise<void>;
  readonly onCancel: () => void;
}

/** The new address and the password; a code is then sent to the new mailbox. */
export function NewEmailForm({ email, onStart, onCancel }: NewEmailFormProps): ReactNode {
  const text = accountMessages.changeEmail;
  const [newEmail, setNewEmail] = useDraft('new-email', '');
  const [password, setPassword] = useState('');
  const { form, faults, report } = useFaults<'newEmail' | 'password'>();
  const typed = newEmail.trim();
  const action = useAction(async () => {
    try {
      await onStart({ newEmail: typed, password });
    } catch (cause) {
      const code = cause instanceof CountersignError ? cause.code : null;
      if (code === 'password_rejected') {
        report({ password: messages.errors.codes.password_rejected });
      } else if (code === 'conflict' || code === 'parameters_invalid') {
        report({ newEmail: text.conflict });
      } else throw cause;
    }
  });
  const submit = () => {
    action.forget();
    const isFaulty = report({
      ...(isEmailAddress(typed) ? {} : { newEmail: text.newEmailMissing }),
      ...(typed.toLowerCase() === email.toLowerCase() ? { newEmail: text.same } : {}),
      ...(password === '' ? { password: text.passwordMissing } : {}),
    });
    if (!isFaulty) action.run();
  };
  return (
    <DialogForm
      busy={action.busy}
      error={action.error === null ? null : explainError(action.error)}
      onCancel={onCancel}
      onSubmit={submit}
      ref={form}
      submitLabel={text.submit}
    >
      <p className="text-ink-2">{text.intro}</p>
      <TextField
        autoCapitalize="off"
        autoComplete="email"
        autoFocus
        error={faults.newEmail ?? null}
        inputMode="email"
        label={text.newEmail}
        onChange={setNewEmail}
        spellCheck={false}
        type="email"
        value={newEmail}
      />
      <PasswordField
        error={faults.password ?? null}
        label={text.password}
        onChange={setPassword}
        value={password}
      />
    </DialogForm>
  );
}
