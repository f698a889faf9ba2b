import type { Recovery } from '@countersign/server/contract';
import type { FormEvent, ReactNode } from 'react';
import { Button } from '../components/Button.tsx';
import { CheckboxGroup } from '../components/CheckboxGroup.tsx';
import { Notice } from '../components/Notice.tsx';
import { PasswordField } from '../components/PasswordField.tsx';
import { explainError } from '../explain-error.ts';
import { mailedCodeMessages } from '../messages-mailed-code.ts';
import { recoveryMessages } from '../messages-recovery.ts';
import type { Action } from '../use-action.ts';
import type { Lost } from './use-lost.ts';

export interface LostStepProps {
  readonly recovery: Recovery;
  readonly lost: Lost;
  readonly sending: Action<[]>;
  readonly tenantName: string;
}

/** What is lost, and the code that is to be sent for it. */
export function LostStep({ recovery, lost, sending, tenantName }: LostStepProps): ReactNode {
  const text = recoveryMessages;
  const { items, sentTo } = recovery;
  const choices = items.map(({ id, type, name }) => ({
    value: id,
    label: type === 'totp' ? text.app : name,
    hint: type === 'totp' ? text.appHint : text.passkeyHint,
  }));
  if (sentTo === null) return <Notice tone="warn">{text.unverified(tenantName)}</Notice>;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    sending.forget();
    if (lost.check()) sending.run();
  };
  return (
    <form className="grid gap-5" method="post" noValidate onSubmit={submit} ref={lost.form}>
      <CheckboxGroup
        choices={choices}
        error={lost.faults.lost ?? null}
        label={text.choose}
        onChange={(chosen) => {
          lost.choose(chosen);
          sending.forget();
        }}
        values={lost.chosen}
      />
      <PasswordField
        error={lost.faults.password ?? null}
        label={text.password}
        name="current-password"
        onChange={lost.setPassword}
        value={lost.password}
      />
      <p className="text-ink-2 [overflow-wrap:anywhere]">{text.why(sentTo)}</p>
      {sending.error === null ? null : <Notice tone="danger">{explainError(sending.error)}</Notice>}
      <Button busy={sending.busy} className="w-full" tone="primary" type="submit">
        {mailedCodeMessages.send}
      </Button>
    </form>
  );
}
