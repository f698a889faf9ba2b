import { type ReactNode, useEffect, useId } from 'react';
import {
  explainBeginError,
  explainVerifyError,
  isMethodUnavailable,
} from './explain-verify-error.ts';
import { PanelError } from './PanelError.tsx';
import { PanelFrame } from './PanelFrame.tsx';
import type { PanelProps } from './panel-props.ts';
import { isPasskeySupported, signWithPasskey, stopPasskey } from './passkey-ceremony.ts';
import { useAttempt } from './use-attempt.ts';

/** Confirming with a passkey, which signs this very act. */
export function PasskeyPanel(props: PanelProps): ReactNode {
  const { messages } = props;
  const hintId = useId();
  const isSupported = isPasskeySupported();
  const { attempt, start } = usePasskeyCeremony(props);
  return (
    <PanelFrame
      {...props}
      action={isSupported ? messages.passkeyAction : null}
      actionHintId={hintId}
      isActionFirst
      isDisabled={attempt.busy || attempt.waiting}
      onSubmit={start}
      status={attempt.busy ? messages.passkeyWorking : ''}
    >
      <div className="cs-field">
        <p className="cs-label">{messages.methodNames.passkey}</p>
        <p className="cs-hint" id={hintId}>
          {isSupported ? messages.passkeyHint : messages.passkeyUnsupported}
        </p>
        <PanelError isCalm={attempt.error === messages.passkeyCancelled} text={attempt.error} />
      </div>
    </PanelFrame>
  );
}

function usePasskeyCeremony({ messages, onBegin, onVerify, onUnavailable }: PanelProps) {
  const attempt = useAttempt({ overText: messages.tryAgainNow });

  useEffect(() => {
    if (!isPasskeySupported()) {
      onUnavailable();
      return;
    }
    // The browser's own window must not outlive the dialog it belongs to.
    return stopPasskey;
  }, [onUnavailable]);

  const start = () => {
    let explain = explainBeginError;
    attempt.run(
      async () => {
        const { options } = await onBegin('passkey');
        const response = await signWithPasskey(options);
        explain = explainVerifyError;
        await onVerify({ method: 'passkey', response });
      },
      (cause) => {
        if (isMethodUnavailable(cause)) onUnavailable();
        return explain(cause, 'passkey', messages);
      },
    );
  };
  return { attempt, start };
}
