import { type ReactNode, useEffect, useRef } from 'react';
import { securityMessages } from '../messages-security.ts';

export interface StepLineProps {
  readonly step: number;
  readonly total: number;
}

/** Which step this is; it takes the focus, so that a new step is read from its start. */
export function StepLine({ step, total }: StepLineProps): ReactNode {
  const line = useRef<HTMLParagraphElement>(null);
  useEffect(() => line.current?.focus(), []);
  return (
    <p className="text-ink-3 text-sm outline-none" ref={line} tabIndex={-1}>
      {securityMessages.enrol.step(step, total)}
    </p>
  );
}
