import type { SessionRecovery } from '@countersign/server/contract';
import type { ReactNode } from 'react';
import { useLocation } from 'wouter';
import { Button } from '../components/Button.tsx';
import { PageHeading } from '../components/PageHeading.tsx';
import { Sheet } from '../components/Sheet.tsx';
import { challengeMessages } from '../messages-challenge.ts';
import { formatNextPath } from '../next-path.ts';

export interface KeepOrReplaceProps {
  readonly recovery: SessionRecovery;
  /** Where the person was going. */
  readonly next: string;
  readonly onKeep: () => void;
}

/** Asked once, of whoever signed in with a recovery code: most of them have lost something. */
export function KeepOrReplace({ recovery, next, onKeep }: KeepOrReplaceProps): ReactNode {
  const text = challengeMessages.keepOrReplace;
  const [, navigate] = useLocation();
  const [kind, another] = recovery.lost;
  const what = another === undefined && kind !== undefined ? kind : 'both';
  return (
    <Sheet>
      <PageHeading title={text.title[what]}>{text.intro}</PageHeading>
      <div className="mt-5 grid gap-3">
        <Button className="w-full" onClick={onKeep} tone="primary">
          {text.keep}
        </Button>
        <Button
          className="w-full"
          onClick={() => navigate(formatNextPath('/sign-in/recover', next), { replace: true })}
        >
          {text.replace}
        </Button>
      </div>
      <p className="mt-4 text-ink-3 text-sm">{text.later}</p>
    </Sheet>
  );
}
