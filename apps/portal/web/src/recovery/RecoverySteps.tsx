import type { Recovery } from '@countersign/server/contract';
import type { ReactNode } from 'react';
import { recover } from '../api-recovery.ts';
import { MailedCodeSteps } from '../mailed-code/MailedCodeSteps.tsx';
import { useMailedCode } from '../mailed-code/use-mailed-code.ts';
import { recoveryMessages } from '../messages-recovery.ts';
import { LostStep } from './LostStep.tsx';
import { useLost } from './use-lost.ts';

export interface RecoveryStepsProps {
  readonly recovery: Recovery;
  readonly tenantName: string;
  readonly onDone: () => Promise<void>;
}

/** First what is lost, then the code that was mailed for exactly that. */
export function RecoverySteps({ recovery, tenantName, onDone }: RecoveryStepsProps): ReactNode {
  const text = recoveryMessages;
  const lost = useLost(recovery.items);
  const step = useMailedCode({
    send: lost.send,
    take: async (code) => {
      await recover(lost.chosen, code);
      await onDone();
    },
  });
  const removed = recovery.items.filter(({ id }) => lost.chosen.includes(id));
  return (
    <MailedCodeSteps
      asking={
        <LostStep lost={lost} recovery={recovery} sending={step.sending} tenantName={tenantName} />
      }
      purpose={<Removed items={removed} />}
      step={step}
      submitLabel={text.submit}
    >
      <button className="text-link min-h-8" onClick={step.restart} type="button">
        {text.change}
      </button>
    </MailedCodeSteps>
  );
}

function Removed({ items }: Pick<Recovery, 'items'>): ReactNode {
  const text = recoveryMessages;
  return (
    <div className="rounded-xl bg-bg px-4 py-3">
      <p className="text-ink-3 text-sm">{text.removes}</p>
      <ul className="font-[560] [overflow-wrap:anywhere]">
        {items.map(({ id, type, name }) => (
          <li key={id}>{type === 'totp' ? text.app : name}</li>
        ))}
      </ul>
    </div>
  );
}
