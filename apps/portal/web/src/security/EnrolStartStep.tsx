import { CountersignError, useDraft, useProtected } from '@countersign/react';
import { type FormEvent, type ReactNode, useState } from 'react';
import { type PasskeyStarted, startPasskey } from '../api-authenticators.ts';
import { startEnrolment } from '../auth-api.ts';
import { Button } from '../components/Button.tsx';
import { ChoiceField } from '../components/ChoiceField.tsx';
import { Notice } from '../components/Notice.tsx';
import { PasswordField } from '../components/PasswordField.tsx';
import { TextField } from '../components/TextField.tsx';
import { deviceName } from '../device-name.ts';
import { explainError } from '../explain-error.ts';
import { securityMessages } from '../messages-security.ts';
import { useAction } from '../use-action.ts';
import { useFaults } from '../use-faults.ts';
import type { EnrolmentKind } from './enrolment-context.ts';

export type EnrolStarted =
  | { readonly name: 'scan'; readonly totpUri: string }
  | { readonly name: 'create'; readonly started: PasskeyStarted };

export interface EnrolStartStepProps {
  readonly kind: EnrolmentKind;
  readonly isChoice: boolean;
  readonly intro: string | null;
  readonly step: number;
  readonly total: number;
  readonly cancel: ReactNode;
  readonly onKindChange: (kind: EnrolmentKind) => void;
  readonly onStarted: (started: EnrolStarted) => void;
}

const KINDS = ['totp', 'passkey'] as const;

/** What, and the password, so that a session left open cannot enrol somebody else's thing. */
export function EnrolStartStep(props: EnrolStartStepProps): ReactNode {
  const { kind, isChoice, intro, step, total, cancel, onKindChange } = props;
  const text = securityMessages.enrol;
  const start = useStart(props);
  return (
    <form method="post" noValidate onSubmit={start.submit} ref={start.form}>
      <div className="cs-dialog-body">
        <p className="text-ink-3 text-sm">{text.step(step, total)}</p>
        {intro === null ? null : <p>{intro}</p>}
        {isChoice ? (
          <ChoiceField
            choices={KINDS.map((value) => ({ value, ...text.ways[value] }))}
            label={text.way}
            onChange={onKindChange}
            value={kind}
          />
        ) : null}
        {kind === 'passkey' ? (
          <TextField
            autoComplete="off"
            error={start.faults.name ?? null}
            hint={securityMessages.passkey.nameHint}
            label={securityMessages.passkey.name}
            maxLength={80}
            onChange={start.setName}
            value={start.name}
          />
        ) : null}
        <p className="text-ink-2">{text.passwordIntro}</p>
        <PasswordField
          autoFocus
          error={start.faults.password ?? null}
          label={text.password}
          onChange={start.setPassword}
          value={start.password}
        />
        {start.error === null ? null : <Notice tone="danger">{start.error}</Notice>}
      </div>
      <footer className="cs-dialog-footer">
        {cancel}
        <Button busy={start.busy} tone="primary" type="submit">
          {text.next}
        </Button>
      </footer>
    </form>
  );
}

function useStart({ kind, onStarted }: EnrolStartStepProps) {
  const text = securityMessages.enrol;
  const [name, setName] = useDraft('passkey-name', deviceName(navigator.userAgent));
  const [password, setPassword] = useState('');
  const { form, faults, report } = useFaults<'name' | 'password'>();
  // Who has a passkey already confirms with it before an app is added, and the other way round.
  const beginApp = useProtected('authenticator.add', startEnrolment, { secretParams: true });
  const beginPasskey = useProtected('authenticator.add', startPasskey, { secretParams: true });

  const action = useAction(async () => {
    try {
      if (kind === 'totp') {
        onStarted({ name: 'scan', totpUri: await beginApp({ password }) });
      } else {
        onStarted({ name: 'create', started: await beginPasskey({ name: name.trim(), password }) });
      }
    } catch (cause) {
      if (!isPasswordRefused(cause)) throw cause;
      report({ password: text.passwordRefused });
    }
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (action.busy) return;
    action.forget();
    const isFaulty = report({
      ...(kind === 'passkey' && name.trim() === ''
        ? { name: securityMessages.passkey.nameMissing }
        : {}),
      ...(password === '' ? { password: text.passwordMissing } : {}),
    });
    if (!isFaulty) action.run();
  };
  const error = action.error === null ? null : explainStart(action.error);
  return { name, setName, password, setPassword, form, faults, error, busy: action.busy, submit };
}

function isPasswordRefused(cause: unknown): boolean {
  if (!(cause instanceof CountersignError)) return false;
  return cause.code === 'password_rejected' || cause.refusal?.code === 'INVALID_PASSWORD';
}

function explainStart(cause: unknown): string {
  const refusal = cause instanceof CountersignError ? cause.refusal?.code : undefined;
  return refusal === 'TOTP_ALREADY_ENABLED'
    ? securityMessages.enrol.already
    : explainError(cause, { conflict: securityMessages.passkey.tooMany });
}
