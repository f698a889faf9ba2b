import type { Session } from '@countersign/server/contract';
import { formatNextPath } from '../next-path.ts';

/** The page that lets this person in, to come back to `next` afterwards; null for one who is in. */
export function entryPath({ state, needs }: EntrySession, next: string): string | null {
  switch (state) {
    case 'active':
      return null;
    case 'pending':
      return formatNextPath(
        needs.includes('enrolment') ? '/sign-in/enrol' : '/sign-in/challenge',
        next,
      );
    case 'none':
      return formatNextPath('/sign-in', next);
  }
}

type EntrySession = Pick<Session, 'state' | 'needs'>;
