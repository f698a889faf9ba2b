import type { ReactNode } from 'react';
import { Button } from '../components/Button.tsx';
import { Pill } from '../components/Pill.tsx';
import { formatAge } from '../dates.ts';
import { peopleMessages } from '../messages-people.ts';
import { useNow } from '../use-now.ts';

export interface FrozenControlProps {
  readonly name: string;
  readonly frozenAt: string;
  readonly busy: boolean;
  readonly onUnfreeze: () => void;
}

/** Says since when somebody is shut out, and lets them in again. */
export function FrozenControl({ name, frozenAt, busy, onUnfreeze }: FrozenControlProps): ReactNode {
  const text = peopleMessages;
  const now = useNow();
  return (
    <span className="mt-2 flex flex-wrap items-center gap-2.5">
      <Pill tone="warn">{text.frozenSince(formatAge(frozenAt, now))}</Pill>
      <Button aria-label={text.unfreezeLabel(name)} busy={busy} onClick={onUnfreeze}>
        {text.unfreeze}
      </Button>
    </span>
  );
}
