import { CodeField, ResendLine } from '@countersign/react';
import type { Recovery } from '@countersign/server/contract';
import type { ReactNode } from 'react';
import { Button } from '../components/Button.tsx';
import { Notice } from '../components/Notice.tsx';
import { explainError } from '../explain-error.ts';
import { messages } from '../messages.ts';
import { recoveryMessages } from '../messages-recovery.ts';
import type { Recover } from './use-recover.ts';

export interface MailedCodeStepProps {
  readonly items: Recovery['items'];
  readonly step: Recover;
  readonly resendAtMs: number;
}

/** The code from the mail; what it removes stands beside it. */
export function MailedCodeStep({ items, step, resendAtMs }: MailedCodeStepProps): ReactNode {
  const text = recoveryMessages;
  const { sending, recovering } = step;
  const error = recovering.error ?? sending.error;
  return (
    <>
      <div className="rounded-xl bg-bg px-4 py-3">
        <p className="text-ink-3 text-sm">{text.removes}</p>
        <ul className="font-[560] [overflow-wrap:anywhere]">
          {items
            .filter(({ id }) => step.lost.includes(id))
            .map(({ id, type, name }) => (
              <li key={id}>{type === 'totp' ? text.app : name}</li>
            ))}
        </ul>
      </div>
      <CodeField
        autoFocus
        error={step.faults.code ?? null}
        label={text.label}
        onChange={step.setCode}
        ref={step.input}
        value={step.code}
      />
      {error === null ? null : <Notice tone="danger">{explainError(error)}</Notice>}
      <Button busy={recovering.busy} className="w-full" tone="primary" type="submit">
        {text.submit}
      </Button>
      <div className="grid justify-items-start gap-1">
        <ResendLine
          isDisabled={sending.busy || recovering.busy}
          label={text.again}
          onResend={sending.run}
          resendAtMs={resendAtMs}
          waitText={(seconds) => text.againIn(messages.wait(seconds))}
        />
        <button className="text-link min-h-8" onClick={step.chooseAgain} type="button">
          {text.change}
        </button>
      </div>
    </>
  );
}
