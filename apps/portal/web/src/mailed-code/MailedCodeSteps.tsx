import { CodeField, ResendLine } from '@countersign/react';
import type { ReactNode } from 'react';
import { Button } from '../components/Button.tsx';
import { Notice } from '../components/Notice.tsx';
import { explainError } from '../explain-error.ts';
import { messages } from '../messages.ts';
import { mailedCodeMessages } from '../messages-mailed-code.ts';
import type { MailedCode } from './use-mailed-code.ts';

export interface MailedCodeStepsProps {
  readonly step: MailedCode;
  /** The form that asks for a code. */
  readonly asking: ReactNode;
  /** What the code is for, above its field. */
  readonly purpose?: ReactNode;
  readonly submitLabel: string;
  /** What else can be done, below the link to another code. */
  readonly children?: ReactNode;
}

/** First what asks for a code, then the field for it. */
export function MailedCodeSteps({ step, asking, ...entry }: MailedCodeStepsProps): ReactNode {
  const { sent } = step;
  return (
    <div className="grid gap-5">
      <p className="text-ink-2 [overflow-wrap:anywhere] empty:hidden" role="status">
        {sent?.text ?? ''}
      </p>
      {sent === null ? asking : <CodeForm {...entry} resendAtMs={sent.resendAtMs} step={step} />}
    </div>
  );
}

interface CodeFormProps extends Omit<MailedCodeStepsProps, 'asking'> {
  readonly resendAtMs: number;
}

function CodeForm(props: CodeFormProps): ReactNode {
  const { step, purpose, submitLabel, children, resendAtMs } = props;
  const text = mailedCodeMessages;
  const { sending, taking } = step;
  const error = taking.error ?? sending.error;
  return (
    <form className="grid gap-5" method="post" noValidate onSubmit={step.submit} ref={step.form}>
      {purpose}
      <CodeField
        autoFocus
        error={step.faults.code ?? null}
        label={text.label}
        onChange={step.setCode}
        ref={step.input}
        value={step.code}
      />
      {error === null ? null : <Notice tone="danger">{explainError(error)}</Notice>}
      <Button busy={taking.busy} className="w-full" tone="primary" type="submit">
        {submitLabel}
      </Button>
      <div className="grid justify-items-start gap-1">
        <ResendLine
          isDisabled={sending.busy || taking.busy}
          label={text.again}
          onResend={sending.run}
          resendAtMs={resendAtMs}
          waitText={(seconds) => text.againIn(messages.wait(seconds))}
        />
        {children}
      </div>
    </form>
  );
}
