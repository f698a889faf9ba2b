import { CountersignError } from '@countersign/react';
import { type ReactNode, useState } from 'react';
import { FormDialog } from '../components/FormDialog.tsx';
import { PasswordField } from '../components/PasswordField.tsx';
import { explainError } from '../explain-error.ts';
import { accountMessages } from '../messages-account.ts';
import { useAction } from '../use-action.ts';
import { useFaults } from '../use-faults.ts';
import { checkNewPassword } from './check-new-password.ts';
import { explainRefusedPassword } from './explain-refused-password.ts';

export interface ChangePasswordDialogProps {
  /** For a password manager to know whose password this is. */
  readonly email: string;
  readonly onChange: (params: { currentPassword: string; newPassword: string }) => Promise<void>;
  readonly onCancel: () => void;
}

export function ChangePasswordDialog(props: ChangePasswordDialogProps): ReactNode {
  const { email, onChange, onCancel } = props;
  const text = accountMessages.changePassword;
  const [current, setCurrent] = useState('');
  const [next, setNext] = useState('');
  const { form, faults, report } = useFaults<'current' | 'next'>();
  const action = useAction(async () => {
    try {
      await onChange({ currentPassword: current, newPassword: next });
    } catch (cause) {
      const code = cause instanceof CountersignError ? cause.code : null;
      if (code === 'password_rejected') report({ current: text.currentRefused });
      else if (code === 'password_refused') report({ next: explainRefusedPassword(cause) });
      else if (code === 'parameters_invalid') report({ next: text.refused });
      else throw cause;
    }
  });
  const submit = () => {
    action.forget();
    const fault = checkNewPassword(next, current);
    const isFaulty = report({
      ...(current === '' ? { current: text.currentMissing } : {}),
      ...(fault === null ? {} : { next: text[fault] }),
    });
    if (!isFaulty) action.run();
  };
  return (
    <FormDialog
      busy={action.busy}
      error={action.error === null ? null : explainError(action.error)}
      onCancel={onCancel}
      onSubmit={submit}
      ref={form}
      submitLabel={text.submit}
      title={text.title}
    >
      <input autoComplete="username" hidden name="username" readOnly value={email} />
      <PasswordField
        autoFocus
        error={faults.current ?? null}
        label={text.current}
        name="current-password"
        onChange={setCurrent}
        value={current}
      />
      <PasswordField
        autoComplete="new-password"
        error={faults.next ?? null}
        hint={text.nextHint}
        label={text.next}
        name="new-password"
        onChange={setNext}
        value={next}
      />
    </FormDialog>
  );
}
