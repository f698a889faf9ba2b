import { type ReactNode, useEffect, useState } from 'react';
import { messages } from '../messages.ts';
import { Button } from './Button.tsx';

export interface CopyButtonProps {
  readonly label: string;
  readonly text: string;
  readonly className?: string;
}

/** Copies `text` and says so, aloud and on the button. */
export function CopyButton({ label, text, className = '' }: CopyButtonProps): ReactNode {
  const [outcome, setOutcome] = useState<string | null>(null);
  useEffect(() => {
    if (outcome === null) return;
    const timer = setTimeout(() => setOutcome(null), 4_000);
    return () => clearTimeout(timer);
  }, [outcome]);
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text);
      setOutcome(messages.copied);
    } catch {
      setOutcome(messages.copyFailed);
    }
  };
  return (
    <span className="inline-flex flex-wrap items-center gap-2">
      <Button className={className} onClick={() => void copy()}>
        {label}
      </Button>
      <span className="text-ok text-sm" role="status">
        {outcome}
      </span>
    </span>
  );
}
