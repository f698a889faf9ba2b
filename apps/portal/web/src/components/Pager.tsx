import type { ReactNode } from 'react';
import { Button } from './Button.tsx';

export interface PagerProps {
  readonly label: string;
  readonly previousLabel: string;
  readonly nextLabel: string;
  readonly onPrevious: (() => void) | null;
  readonly onNext: (() => void) | null;
  readonly children?: ReactNode;
}

/** Previous and next; at an end the button stays in place, so that the focus does too. */
export function Pager(props: PagerProps): ReactNode {
  const { label, previousLabel, nextLabel, onPrevious, onNext, children } = props;
  return (
    <nav aria-label={label} className="flex flex-wrap items-center justify-between gap-3">
      <p className="text-ink-2" role="status">
        {children}
      </p>
      <div className="flex gap-2.5">
        <Button busy={onPrevious === null} onClick={() => onPrevious?.()}>
          {previousLabel}
        </Button>
        <Button busy={onNext === null} onClick={() => onNext?.()}>
          {nextLabel}
        </Button>
      </div>
    </nav>
  );
}
