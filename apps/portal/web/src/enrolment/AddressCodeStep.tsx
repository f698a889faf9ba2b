import { useSession } from '@countersign/react';
import type { FormEvent, ReactNode } from 'react';
import { client } from '../client.ts';
import { Button } from '../components/Button.tsx';
import { Notice } from '../components/Notice.tsx';
import { explainError } from '../explain-error.ts';
import { MailedCodeSteps } from '../mailed-code/MailedCodeSteps.tsx';
import { type MailedCode, useMailedCode } from '../mailed-code/use-mailed-code.ts';
import { enrolmentMessages } from '../messages-enrolment.ts';
import { mailedCodeMessages } from '../messages-mailed-code.ts';
import { securityMessages } from '../messages-security.ts';

export interface AddressCodeStepProps {
  readonly tenantName: string;
  readonly total: number;
  /** Whether a code was typed before, and that is too long ago by now. */
  readonly hasRunOut: boolean;
}

/** Step 1: a code from the verified address, so that a stolen password enrols nobody else's thing. */
export function AddressCodeStep({ tenantName, total, hasRunOut }: AddressCodeStepProps): ReactNode {
  const text = enrolmentMessages.code;
  const { refresh } = useSession();
  const step = useMailedCode({
    send: () => client.sendAddressCode(),
    take: async (code) => {
      await client.proveAddress(code);
      // The session says so by then, and the next step follows.
      await refresh();
    },
  });
  return (
    <div className="grid gap-5">
      <p className="text-ink-3 text-sm">{securityMessages.enrol.step(1, total)}</p>
      {hasRunOut ? <Notice tone="warn">{text.ranOut}</Notice> : null}
      <MailedCodeSteps
        asking={<Asking step={step} tenantName={tenantName} />}
        step={step}
        submitLabel={text.submit}
      />
    </div>
  );
}

interface AskingProps {
  readonly step: MailedCode;
  readonly tenantName: string;
}

function Asking({ step, tenantName }: AskingProps): ReactNode {
  const text = enrolmentMessages.code;
  const { sending } = step;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    sending.run();
  };
  return (
    <form className="grid gap-5" method="post" onSubmit={submit}>
      <p className="text-ink-2">{text.intro}</p>
      {sending.error === null ? null : (
        <Notice tone="danger">
          {explainError(sending.error, { forbidden: text.unverified(tenantName) })}
        </Notice>
      )}
      <div className="grid justify-items-start gap-2">
        <Button busy={sending.busy} className="w-full" tone="primary" type="submit">
          {mailedCodeMessages.send}
        </Button>
        <button className="text-link min-h-8" onClick={step.skip} type="button">
          {text.have}
        </button>
      </div>
    </form>
  );
}
