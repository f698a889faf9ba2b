import type { Session } from '@countersign/server/contract';
import type { ReactNode } from 'react';
import { Link } from 'wouter';
import { Notice } from '../components/Notice.tsx';
import { formatDay } from '../dates.ts';
import { shellMessages } from '../messages-shell.ts';
import { useNow } from '../use-now.ts';
import { daysLeft } from './days-left.ts';

export interface DeadlineNoticeProps {
  readonly enforcement: NonNullable<Session['enforcement']>;
}

/** What will be asked for, from when, and how long that is. */
export function DeadlineNotice({ enforcement }: DeadlineNoticeProps): ReactNode {
  const text = shellMessages.deadline;
  const { requirement, at } = enforcement;
  const now = useNow();
  return (
    <Notice tone="warn">
      {text.asks(formatDay(at), text.things[requirement])} {text.left(daysLeft(at, now))}{' '}
      <Link className="font-[560] underline underline-offset-4" href="/app/security">
        {text.link}
      </Link>
    </Notice>
  );
}
