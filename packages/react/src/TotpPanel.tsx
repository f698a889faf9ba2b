import type { ReactNode } from 'react';
import { CodeField } from './CodeField.tsx';
import { PanelFrame } from './PanelFrame.tsx';
import type { PanelProps } from './panel-props.ts';
import { useCodeForm } from './use-code-form.ts';

/** Confirming with a code from the authenticator app. */
export function TotpPanel(props: PanelProps): ReactNode {
  const { challenge, messages } = props;
  const { code, setCode, input, attempt, submit } = useCodeForm('totp', props);
  return (
    <PanelFrame
      {...props}
      action={challenge.display.action}
      isDisabled={attempt.busy || attempt.waiting}
      onSubmit={submit}
      status={attempt.busy ? messages.working : ''}
    >
      <CodeField
        autoFocus
        error={attempt.error}
        hint={messages.codeHint}
        label={messages.codeLabel}
        onChange={setCode}
        ref={input}
        value={code}
      />
    </PanelFrame>
  );
}
