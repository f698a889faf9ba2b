import { type ReactNode, useEffect, useRef } from 'react';
import { messages } from '../messages.ts';

/** Which step this is; it takes the focus, so that a new step is read from its start. */
export function StepLine({ step }: { readonly step: number }): ReactNode {
  const line = useRef<HTMLParagraphElement>(null);
  useEffect(() => line.current?.focus(), []);
  return (
    <p className="text-ink-3 text-sm outline-none" ref={line} tabIndex={-1}>
      {messages.enrol.step(step)}
    </p>
  );
}
