import { CountersignError, isCancelled, useProtected } from '@countersign/react';
import { type FormEvent, type ReactNode, useRef, useState } from 'react';
import { removeAuthenticator } from '../api.ts';
import { Button } from '../components/Button.tsx';
import { ModalDialog } from '../components/ModalDialog.tsx';
import { PasswordField } from '../components/PasswordField.tsx';
import { explainError } from '../explain-error.ts';
import { messages } from '../messages.ts';

export interface TurnOffDialogProps {
  readonly authenticatorId: string;
  readonly onDone: () => void;
  readonly onCancel: () => void;
}

/** Asks for the password; the confirmation dialog then asks for the code. */
export function TurnOffDialog(props: TurnOffDialogProps): ReactNode {
  const { authenticatorId, onDone, onCancel } = props;
  const text = messages.turnOff;
  const [password, setPassword] = useState('');
  const [error, setError] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const input = useRef<HTMLInputElement>(null);
  const remove = useProtected('authenticator.remove', removeAuthenticator);

  const refuse = (message: string) => {
    setError(message);
    input.current?.focus();
    input.current?.select();
  };
  const send = async () => {
    setBusy(true);
    setError(null);
    try {
      await remove({ id: authenticatorId, password });
      onDone();
    } catch (cause) {
      if (!isCancelled(cause)) refuse(explainTurnOff(cause));
    } finally {
      setBusy(false);
    }
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (busy) return;
    if (password === '') refuse(messages.enrol.passwordMissing);
    else void send();
  };

  return (
    <ModalDialog onClose={onCancel} title={text.title}>
      <form method="post" noValidate onSubmit={submit}>
        <div className="cs-dialog-body">
          <p className="text-ink-2">{text.body}</p>
          <PasswordField
            autoFocus
            error={error}
            label={text.password}
            onChange={setPassword}
            ref={input}
            value={password}
          />
        </div>
        <footer className="cs-dialog-footer">
          <Button onClick={onCancel}>{messages.cancel}</Button>
          <Button busy={busy} tone="danger" type="submit">
            {text.submit}
          </Button>
        </footer>
      </form>
    </ModalDialog>
  );
}

function explainTurnOff(cause: unknown): string {
  const rejected = cause instanceof CountersignError && cause.code === 'password_rejected';
  return rejected ? messages.enrol.passwordRefused : explainError(cause);
}
