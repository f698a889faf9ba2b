import type { Recovery } from '@countersign/server/contract';
import type { ReactNode } from 'react';
import { Button } from '../components/Button.tsx';
import { CheckboxGroup } from '../components/CheckboxGroup.tsx';
import { Notice } from '../components/Notice.tsx';
import { PasswordField } from '../components/PasswordField.tsx';
import { explainError } from '../explain-error.ts';
import { recoveryMessages } from '../messages-recovery.ts';
import type { Recover } from './use-recover.ts';

export interface LostStepProps {
  readonly recovery: Recovery;
  readonly step: Recover;
  readonly tenantName: string;
}

/** What is lost, and the code that is to be sent for it. */
export function LostStep({ recovery, step, tenantName }: LostStepProps): ReactNode {
  const text = recoveryMessages;
  const { items, sentTo } = recovery;
  const { sending } = step;
  const choices = items.map(({ id, type, name }) => ({
    value: id,
    label: type === 'totp' ? text.app : name,
    hint: type === 'totp' ? text.appHint : text.passkeyHint,
  }));
  if (sentTo === null) return <Notice tone="warn">{text.unverified(tenantName)}</Notice>;
  return (
    <>
      <CheckboxGroup
        choices={choices}
        error={step.faults.lost ?? null}
        label={text.choose}
        onChange={step.choose}
        values={step.lost}
      />
      <PasswordField
        error={step.faults.password ?? null}
        label={text.password}
        name="current-password"
        onChange={step.setPassword}
        value={step.password}
      />
      <p className="text-ink-2 [overflow-wrap:anywhere]">{text.why(sentTo)}</p>
      {sending.error === null ? null : <Notice tone="danger">{explainError(sending.error)}</Notice>}
      <Button busy={sending.busy} className="w-full" tone="primary" type="submit">
        {text.send}
      </Button>
    </>
  );
}
