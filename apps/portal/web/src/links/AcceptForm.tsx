import { CountersignError, useSession } from '@countersign/react';
import { type ReactNode, useState } from 'react';
import { checkNewPassword } from '../account/check-new-password.ts';
import { explainRefusedPassword } from '../account/explain-refused-password.ts';
import { acceptInvitation } from '../api-links.ts';
import { signIn } from '../auth-api.ts';
import { TextField } from '../components/TextField.tsx';
import { explainError } from '../explain-error.ts';
import { accountMessages } from '../messages-account.ts';
import { linksMessages } from '../messages-links.ts';
import { useAction } from '../use-action.ts';
import { useFaults } from '../use-faults.ts';
import { NewPasswordField } from './NewPasswordField.tsx';
import { SheetForm } from './SheetForm.tsx';

export interface AcceptFormProps {
  readonly token: string;
  readonly email: string;
  /** The account is made, and its password has gone through sign-in. */
  readonly onAccepted: () => void;
  /** What the link invites to is no longer as it was. */
  readonly onOutdated: () => void;
}

const LONGEST_NAME = 100;

/** Makes the account of an invited address, and then signs in as anybody does. */
export function AcceptForm({ token, email, onAccepted, onOutdated }: AcceptFormProps): ReactNode {
  const text = linksMessages.invitation;
  const { refresh } = useSession();
  const [name, setName] = useState('');
  const [password, setPassword] = useState('');
  const { form, faults, report } = useFaults<'name' | 'password'>();
  const action = useAction(async () => {
    try {
      await acceptInvitation({ token, name: name.trim(), newPassword: password });
    } catch (cause) {
      const code = cause instanceof CountersignError ? cause.code : null;
      if (code === 'password_refused') {
        report({ password: explainRefusedPassword(cause) });
        return;
      }
      if (code === 'parameters_invalid') {
        report({ password: accountMessages.changePassword.refused });
        return;
      }
      if (code !== 'conflict' && code !== 'link_rejected') throw cause;
      onOutdated();
      return;
    }
    // The account is there whatever becomes of this: without it they sign in themselves.
    await signIn(email, password).catch(() => undefined);
    await refresh();
    onAccepted();
  });
  const submit = () => {
    action.forget();
    const { length } = name.trim();
    const fault = checkNewPassword(password, '');
    const isFaulty = report({
      ...(length === 0 ? { name: text.nameMissing } : {}),
      ...(length > LONGEST_NAME ? { name: text.nameTooLong } : {}),
      ...(fault === null ? {} : { password: accountMessages.changePassword[fault] }),
    });
    if (!isFaulty) action.run();
  };
  return (
    <SheetForm
      busy={action.busy}
      error={action.error === null ? null : explainError(action.error)}
      onSubmit={submit}
      ref={form}
      submitLabel={text.submit}
    >
      <input autoComplete="username" hidden name="username" readOnly value={email} />
      <TextField
        autoComplete="name"
        autoFocus
        error={faults.name ?? null}
        label={text.name}
        name="name"
        onChange={setName}
        value={name}
      />
      <NewPasswordField error={faults.password ?? null} onChange={setPassword} value={password} />
    </SheetForm>
  );
}
