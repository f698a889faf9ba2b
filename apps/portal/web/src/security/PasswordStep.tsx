import { CountersignError } from '@countersign/react';
import { type FormEvent, type ReactNode, useRef, useState } from 'react';
import { startEnrolment } from '../auth-api.ts';
import { Button } from '../components/Button.tsx';
import { PasswordField } from '../components/PasswordField.tsx';
import { explainError } from '../explain-error.ts';
import { messages } from '../messages.ts';

export interface PasswordStepProps {
  readonly intro: string | null;
  readonly cancel: ReactNode;
  readonly onStarted: (totpUri: string) => void;
}

/** Step 1: the password, so that a session left open cannot enrol somebody else's phone. */
export function PasswordStep({ intro, cancel, onStarted }: PasswordStepProps): ReactNode {
  const text = messages.enrol;
  const [password, setPassword] = useState('');
  const [error, setError] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const input = useRef<HTMLInputElement>(null);

  const refuse = (message: string) => {
    setError(message);
    input.current?.focus();
    input.current?.select();
  };
  const send = async () => {
    setBusy(true);
    setError(null);
    try {
      onStarted(await startEnrolment(password));
    } catch (cause) {
      refuse(explainStart(cause));
    } finally {
      setBusy(false);
    }
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (busy) return;
    if (password === '') refuse(text.passwordMissing);
    else void send();
  };

  return (
    <form method="post" noValidate onSubmit={submit}>
      <div className="cs-dialog-body">
        <p className="text-ink-3 text-sm">{text.step(1)}</p>
        {intro === null ? null : <p>{intro}</p>}
        <p className="text-ink-2">{text.passwordIntro}</p>
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
        {cancel}
        <Button busy={busy} tone="primary" type="submit">
          {text.next}
        </Button>
      </footer>
    </form>
  );
}

function explainStart(cause: unknown): string {
  const refusal = cause instanceof CountersignError ? cause.refusal?.code : undefined;
  if (refusal === 'INVALID_PASSWORD') return messages.enrol.passwordRefused;
  if (refusal === 'TOTP_ALREADY_ENABLED') return messages.enrol.already;
  return explainError(cause);
}
