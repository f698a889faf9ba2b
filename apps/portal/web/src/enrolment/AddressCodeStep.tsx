import { CodeField, ResendLine } from '@countersign/react';
import type { ReactNode } from 'react';
import { Button } from '../components/Button.tsx';
import { Notice } from '../components/Notice.tsx';
import { explainError } from '../explain-error.ts';
import { messages } from '../messages.ts';
import { enrolmentMessages } from '../messages-enrolment.ts';
import { securityMessages } from '../messages-security.ts';
import { type AddressCode, useAddressCode } from './use-address-code.ts';

export interface AddressCodeStepProps {
  readonly tenantName: string;
  readonly total: number;
  /** Whether a code was typed before, and that is too long ago by now. */
  readonly hasRunOut: boolean;
}

/** Step 1: a code from the verified address, so that a stolen password enrols nobody else's thing. */
export function AddressCodeStep({ tenantName, total, hasRunOut }: AddressCodeStepProps): ReactNode {
  const text = enrolmentMessages.code;
  const step = useAddressCode();
  const { sent, sending } = step;
  return (
    <form className="grid gap-5" method="post" noValidate onSubmit={step.submit} ref={step.form}>
      <p className="text-ink-3 text-sm">{securityMessages.enrol.step(1, total)}</p>
      {hasRunOut ? <Notice tone="warn">{text.ranOut}</Notice> : null}
      {sent === null ? <p className="text-ink-2">{text.intro}</p> : null}
      <p className="text-ink-2 [overflow-wrap:anywhere] empty:hidden" role="status">
        {sent?.text ?? ''}
      </p>
      {sending.error === null ? null : (
        <Notice tone="danger">
          {explainError(sending.error, { forbidden: text.unverified(tenantName) })}
        </Notice>
      )}
      {sent === null ? (
        <SendButtons step={step} />
      ) : (
        <CodeEntry resendAtMs={sent.resendAtMs} step={step} />
      )}
    </form>
  );
}

function SendButtons({ step }: { readonly step: AddressCode }): ReactNode {
  const text = enrolmentMessages.code;
  return (
    <div className="grid justify-items-start gap-2">
      <Button busy={step.sending.busy} className="w-full" tone="primary" type="submit">
        {text.send}
      </Button>
      <button className="text-link min-h-8" onClick={step.skip} type="button">
        {text.have}
      </button>
    </div>
  );
}

interface CodeEntryProps {
  readonly step: AddressCode;
  readonly resendAtMs: number;
}

function CodeEntry({ step, resendAtMs }: CodeEntryProps): ReactNode {
  const text = enrolmentMessages.code;
  const { verifying, sending } = step;
  return (
    <>
      <CodeField
        autoFocus
        error={step.faults.code ?? null}
        label={text.label}
        onChange={step.setCode}
        ref={step.input}
        value={step.code}
      />
      {verifying.error === null ? null : (
        <Notice tone="danger">{explainError(verifying.error)}</Notice>
      )}
      <Button busy={verifying.busy} className="w-full" tone="primary" type="submit">
        {text.submit}
      </Button>
      <ResendLine
        isDisabled={sending.busy || verifying.busy}
        label={text.again}
        onResend={sending.run}
        resendAtMs={resendAtMs}
        waitText={(seconds) => text.againIn(messages.wait(seconds))}
      />
    </>
  );
}
