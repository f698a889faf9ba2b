import type { ReactNode } from 'react';
import type { CountersignMessages } from './messages.ts';
import { useSecondsLeft } from './use-seconds-left.ts';

export interface ResendLineProps {
  readonly isDisabled: boolean;
  readonly messages: CountersignMessages;
  readonly onResend: () => void;
  /** When another code may be sent, in milliseconds since the epoch. */
  readonly resendAtMs: number;
}

/** "Send another code", and how long until it can be. The seconds are shown and not announced. */
export function ResendLine(props: ResendLineProps): ReactNode {
  const { isDisabled, messages, onResend, resendAtMs } = props;
  const secondsLeft = useSecondsLeft(resendAtMs);
  return (
    <p className="cs-hint cs-line">
      <button
        aria-disabled={isDisabled || secondsLeft > 0}
        className="cs-link"
        onClick={() => {
          if (!isDisabled && secondsLeft === 0) onResend();
        }}
        type="button"
      >
        {messages.emailSendAgain}
      </button>
      {secondsLeft === 0 ? null : (
        <span>{messages.emailSendAgainIn(messages.wait(secondsLeft))}</span>
      )}
    </p>
  );
}
