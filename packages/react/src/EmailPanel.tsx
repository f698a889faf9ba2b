import { type ReactNode, useId } from 'react';
import { CodeField } from './CodeField.tsx';
import { explainBeginError, isMethodUnavailable } from './explain-verify-error.ts';
import { PanelError } from './PanelError.tsx';
import { PanelFrame } from './PanelFrame.tsx';
import type { PanelProps } from './panel-props.ts';
import { ResendLine } from './ResendLine.tsx';
import { type Attempt, useAttempt } from './use-attempt.ts';
import { type CodeForm, useCodeForm } from './use-code-form.ts';

/** A code that was sent. */
export interface SentCode {
  /** The masked address. */
  readonly address: string;
  readonly isAnother: boolean;
  /** When another may be sent, in milliseconds since the epoch. */
  readonly resendAtMs: number;
}

export interface EmailPanelProps extends PanelProps {
  /** What was sent so far; kept by the dialog, so that another way can be looked at meanwhile. */
  readonly sent: SentCode | null;
  readonly onSent: (sent: SentCode) => void;
}

/** Confirming with an emailed code, called what it is: the baseline. */
export function EmailPanel(props: EmailPanelProps): ReactNode {
  const { challenge, messages, sent } = props;
  const baselineId = useId();
  const form = useCodeForm('email', props);
  const sending = useAttempt({ overText: messages.tryAgainNow });
  const send = () => sendCode(props, sending, form);
  const main = sent === null ? sending : form.attempt;
  return (
    <PanelFrame
      {...props}
      action={sent === null ? messages.emailSend : challenge.display.action}
      actionHintId={baselineId}
      isActionFirst={sent === null}
      isDisabled={main.busy || main.waiting}
      onSubmit={sent === null ? send : form.submit}
      status={sending.busy || form.attempt.busy ? messages.working : ''}
    >
      <div className="cs-field">
        <p className="cs-label">{messages.methodNames.email}</p>
        <p className="cs-notice" id={baselineId}>
          {messages.emailBaseline}
        </p>
        <p className="cs-hint" role="status">
          {sent === null ? '' : sentText(sent, messages)}
        </p>
        <PanelError text={sending.error} />
      </div>
      {sent === null ? null : (
        <div className="cs-field">
          <CodeField
            autoFocus
            error={form.attempt.error}
            label={messages.emailCodeLabel}
            onChange={form.setCode}
            ref={form.input}
            value={form.code}
          />
          <ResendLine
            isDisabled={sending.busy || sending.waiting}
            label={messages.emailSendAgain}
            onResend={send}
            resendAtMs={sent.resendAtMs}
            waitText={(seconds) => messages.emailSendAgainIn(messages.wait(seconds))}
          />
        </div>
      )}
    </PanelFrame>
  );
}

function sendCode(props: EmailPanelProps, sending: Attempt, form: CodeForm): void {
  const { messages, onBegin, sent, onSent, onUnavailable } = props;
  sending.run(
    async () => {
      const { sentTo, resendAfterSeconds } = await onBegin('email');
      const resendAtMs = Date.now() + resendAfterSeconds * 1_000;
      onSent({ address: sentTo, isAnother: sent !== null, resendAtMs });
      form.attempt.clear();
      form.setCode('');
      form.input.current?.focus();
    },
    (cause) => {
      if (isMethodUnavailable(cause)) onUnavailable();
      return explainBeginError(cause, 'email', messages);
    },
  );
}

function sentText(sent: SentCode, messages: PanelProps['messages']): string {
  return sent.isAnother ? messages.emailSentAgain : messages.emailSent(sent.address);
}
