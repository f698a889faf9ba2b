import { CodeField, CountersignError, isCompleteCode } from '@countersign/react';
import { type FormEvent, type ReactNode, useRef, useState } from 'react';
import { verifyRecoveryCode, verifyTotp } from '../auth-api.ts';
import { Button } from '../components/Button.tsx';
import { TextField } from '../components/TextField.tsx';
import { explainError } from '../explain-error.ts';
import { challengeMessages } from '../messages-challenge.ts';

export interface ChallengeFormProps {
  readonly method: 'app' | 'recovery';
  readonly onVerified: (recoveryCodes: readonly string[]) => void;
  /** The password step is too long ago, or was never taken. */
  readonly onRanOut: () => void;
}

/** One field and one button: the second factor at sign-in. */
export function ChallengeForm(props: ChallengeFormProps): ReactNode {
  const text = challengeMessages;
  const { code, setCode, error, busy, input, submit } = useChallenge(props);
  return (
    <form className="mt-5 grid gap-5" method="post" noValidate onSubmit={submit}>
      {props.method === 'app' ? (
        <CodeField
          autoFocus
          error={error}
          label={text.code}
          onChange={setCode}
          ref={input}
          value={code}
        />
      ) : (
        <TextField
          autoCapitalize="off"
          autoComplete="off"
          autoFocus
          error={error}
          label={text.recovery}
          name="recovery-code"
          onChange={setCode}
          ref={input}
          spellCheck={false}
          value={code}
        />
      )}
      <Button busy={busy} className="w-full" tone="primary" type="submit">
        {text.submit}
      </Button>
    </form>
  );
}

function useChallenge({ method, onVerified, onRanOut }: ChallengeFormProps) {
  const text = challengeMessages;
  const [code, setCode] = useState('');
  const [error, setError] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const input = useRef<HTMLInputElement>(null);
  const isApp = method === 'app';

  const refuse = (message: string) => {
    setError(message);
    input.current?.focus();
    input.current?.select();
  };

  const send = async () => {
    setError(null);
    setBusy(true);
    try {
      onVerified(await (isApp ? verifyTotp(code) : verifyRecoveryCode(code.trim())));
    } catch (cause) {
      const refusal = cause instanceof CountersignError ? cause.refusal?.code : undefined;
      if (refusal === 'INVALID_TWO_FACTOR_COOKIE') return onRanOut();
      const rejected = refusal === 'INVALID_CODE' || refusal === 'INVALID_BACKUP_CODE';
      refuse(rejected ? refusedText(isApp) : explainError(cause));
    } finally {
      setBusy(false);
    }
  };

  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (busy) return;
    if (isApp && !isCompleteCode(code)) refuse(text.codeMissing);
    else if (code.trim() === '') refuse(text.recoveryMissing);
    else void send();
  };

  return { code, setCode, error, busy, input, submit };
}

function refusedText(isApp: boolean): string {
  return isApp ? challengeMessages.codeRefused : challengeMessages.recoveryRefused;
}
