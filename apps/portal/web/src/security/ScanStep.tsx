import { CodeField, CountersignError, isCompleteCode } from '@countersign/react';
import { type FormEvent, type ReactNode, useRef, useState } from 'react';
import { verifyTotp } from '../auth-api.ts';
import { Button } from '../components/Button.tsx';
import { CopyButton } from '../components/CopyButton.tsx';
import { explainError } from '../explain-error.ts';
import { challengeMessages } from '../messages-challenge.ts';
import { securityMessages } from '../messages-security.ts';
import { QrCode } from './QrCode.tsx';
import { StepLine } from './StepLine.tsx';
import { groupSecret, secretOf } from './totp-secret.ts';

export interface ScanStepProps {
  readonly totpUri: string;
  readonly step: number;
  readonly total: number;
  readonly cancel: ReactNode;
  readonly onVerified: (recoveryCodes: readonly string[]) => void;
}

/** The picture or the key goes into the app, the app's first code comes back. */
export function ScanStep(props: ScanStepProps): ReactNode {
  const { totpUri, step, total, cancel, onVerified } = props;
  const text = securityMessages.enrol;
  const { code, setCode, error, busy, input, submit } = useFirstCode(onVerified);
  const secret = secretOf(totpUri);
  return (
    <form method="post" noValidate onSubmit={submit}>
      <div className="cs-dialog-body">
        <StepLine step={step} total={total} />
        <p className="text-ink-2">{text.scanIntro}</p>
        <div className="flex flex-wrap items-start gap-5">
          <div className="flex-none" data-secret>
            <QrCode label={text.qrLabel} text={totpUri} />
          </div>
          <div className="grid min-w-44 flex-1 justify-items-start gap-2.5">
            <p className="text-ink-2">{text.secret}</p>
            <p className="break-words font-mono text-[0.9375rem]" data-secret>
              {groupSecret(secret)}
            </p>
            <CopyButton label={text.copySecret} text={secret} />
          </div>
        </div>
        <CodeField
          error={error}
          hint={text.codeHint}
          label={text.code}
          onChange={setCode}
          ref={input}
          value={code}
        />
      </div>
      <footer className="cs-dialog-footer">
        {cancel}
        <Button busy={busy} tone="primary" type="submit">
          {text.confirm}
        </Button>
      </footer>
    </form>
  );
}

function useFirstCode(onVerified: ScanStepProps['onVerified']) {
  const [code, setCode] = useState('');
  const [error, setError] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const input = useRef<HTMLInputElement>(null);

  const refuse = (message: string) => {
    setError(message);
    input.current?.focus();
    input.current?.select();
  };
  const send = async () => {
    setError(null);
    setBusy(true);
    try {
      onVerified(await verifyTotp(code));
    } catch (cause) {
      refuse(explainFirstCode(cause));
    } finally {
      setBusy(false);
    }
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (busy) return;
    if (isCompleteCode(code)) void send();
    else refuse(challengeMessages.codeMissing);
  };
  return { code, setCode, error, busy, input, submit };
}

function explainFirstCode(cause: unknown): string {
  const refusal = cause instanceof CountersignError ? cause.refusal?.code : undefined;
  if (refusal === 'INVALID_CODE') return challengeMessages.codeRefused;
  if (refusal === 'TOTP_NOT_ENABLED') return securityMessages.enrol.startAgain;
  return explainError(cause);
}
