import type { ReactNode } from 'react';

export interface PanelErrorProps {
  readonly text: string | null;
  /** True when nothing is wrong: the person only changed their mind. */
  readonly isCalm?: boolean;
}

/** What came of the last attempt; announced when it appears. */
export function PanelError({ text, isCalm = false }: PanelErrorProps): ReactNode {
  return (
    <div className={`cs-error ${isCalm ? 'cs-calm' : ''}`} role="alert">
      {text}
    </div>
  );
}
