import type { ReactNode } from 'react';
import { useSecondsLeft } from './use-seconds-left.ts';

export interface ResendLineProps {
  readonly label: string;
  /** How long until another code may be sent, in words. */
  readonly waitText: (seconds: number) => string;
  readonly isDisabled: boolean;
  readonly onResend: () => void;
  /** When another code may be sent, in milliseconds since the epoch. */
  readonly resendAtMs: number;
}

/** "Send another code", and how long until it can be. The seconds are shown and not announced. */
export function ResendLine(props: ResendLineProps): ReactNode {
  const { label, waitText, isDisabled, onResend, resendAtMs } = props;
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
        {label}
      </button>
      {secondsLeft === 0 ? null : <span>{waitText(secondsLeft)}</span>}
    </p>
  );
}
