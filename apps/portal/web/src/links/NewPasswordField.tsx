import type { ReactNode } from 'react';
import { PasswordField } from '../components/PasswordField.tsx';
import { accountMessages } from '../messages-account.ts';

export interface NewPasswordFieldProps {
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly error: string | null;
  readonly autoFocus?: boolean;
}

/** A password to be chosen. */
export function NewPasswordField(props: NewPasswordFieldProps): ReactNode {
  const text = accountMessages.changePassword;
  return (
    <PasswordField
      {...props}
      autoComplete="new-password"
      hint={text.nextHint}
      label={text.next}
      name="new-password"
    />
  );
}
