import type { MemberMfa } from '@countersign/server/contract';
import type { ReactNode } from 'react';
import { Pill } from '../components/Pill.tsx';
import { formatShortDay } from '../dates.ts';
import { peopleMessages } from '../messages-people.ts';
import { useNow } from '../use-now.ts';

/** Says what is asked of one member alone; nothing where nothing is. */
export function RulePill({ mfa }: { readonly mfa: MemberMfa | null }): ReactNode {
  const text = peopleMessages.rule;
  const now = useNow();
  if (mfa === null || mfa.requirement === 'optional') return null;
  const what = text.pills[mfa.requirement];
  const isToCome = mfa.from !== null && new Date(mfa.from) > now;
  return (
    <Pill tone="mute">
      {isToCome && mfa.from !== null ? text.pillFrom(what, formatShortDay(mfa.from)) : what}
    </Pill>
  );
}
