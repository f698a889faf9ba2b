import { CountersignError } from '@countersign/react';
import type { Authenticator } from '@countersign/server/contract';
import { type ReactNode, useState } from 'react';
import { FormDialog } from '../components/FormDialog.tsx';
import { PasswordField } from '../components/PasswordField.tsx';
import { explainError } from '../explain-error.ts';
import { securityMessages } from '../messages-security.ts';
import { useAction } from '../use-action.ts';
import { useFaults } from '../use-faults.ts';

export interface RemoveAuthenticatorDialogProps {
  readonly authenticator: Authenticator;
  /** Whether nothing else is left to confirm with. */
  readonly isLast: boolean;
  readonly onRemove: (password: string) => Promise<void>;
  readonly onCancel: () => void;
}

/** Asks for the password; the confirmation dialog then asks for the rest. */
export function RemoveAuthenticatorDialog(props: RemoveAuthenticatorDialogProps): ReactNode {
  const { authenticator, isLast, onRemove, onCancel } = props;
  const text = securityMessages.turnOff;
  const isApp = authenticator.type === 'totp';
  const [password, setPassword] = useState('');
  const { form, faults, report } = useFaults<'password'>();
  const action = useAction(async () => {
    try {
      await onRemove(password);
    } catch (cause) {
      if (!(cause instanceof CountersignError) || cause.code !== 'password_rejected') throw cause;
      report({ password: securityMessages.enrol.passwordRefused });
    }
  });
  const submit = () => {
    action.forget();
    const missing = { password: securityMessages.enrol.passwordMissing };
    if (!report(password === '' ? missing : {})) action.run();
  };
  return (
    <FormDialog
      busy={action.busy}
      error={action.error === null ? null : explainError(action.error)}
      onCancel={onCancel}
      onSubmit={submit}
      ref={form}
      submitLabel={text.submit}
      title={isApp ? text.title : securityMessages.passkey.removeTitle(authenticator.name)}
      tone="danger"
    >
      <p className="text-ink-2">{isApp ? text.body : securityMessages.passkey.removeBody}</p>
      {isLast ? <p className="text-ink-2">{text.last}</p> : null}
      <PasswordField
        autoFocus
        error={faults.password ?? null}
        label={text.password}
        onChange={setPassword}
        value={password}
      />
    </FormDialog>
  );
}
