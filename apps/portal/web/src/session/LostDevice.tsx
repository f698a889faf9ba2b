import type { Session } from '@countersign/server/contract';
import { type ReactNode, useState } from 'react';
import { Link } from 'wouter';
import { challengeMessages } from '../messages-challenge.ts';
import { formatNextPath } from '../next-path.ts';
import type { ChallengeWay } from './challenge-ways.ts';

export interface LostDeviceProps {
  readonly session: Session | null;
  readonly ways: readonly ChallengeWay[];
  readonly next: string;
  readonly onChoose: (way: ChallengeWay) => void;
}

/** What a person can do who lost the device that would answer. */
export function LostDevice(props: LostDeviceProps): ReactNode {
  const text = challengeMessages;
  const [isOpen, setIsOpen] = useState(false);
  return (
    <>
      <button
        aria-controls="lost-device"
        aria-expanded={isOpen}
        className="text-link min-h-8"
        onClick={() => setIsOpen(!isOpen)}
        type="button"
      >
        {text.lost}
      </button>
      <section
        aria-label={text.lostTitle}
        className="grid gap-3 rounded-xl bg-bg px-4 py-3 text-ink-2"
        hidden={!isOpen}
        id="lost-device"
      >
        <Ways {...props} />
        <p>{text.lostAdministrator}</p>
      </section>
    </>
  );
}

function Ways({ session, ways, next, onChoose }: LostDeviceProps): ReactNode {
  const text = challengeMessages;
  // Signed in by two methods already, and a passkey is asked for besides.
  const isSignedIn = session !== null && session.expiry !== null;
  if (isSignedIn && session.recovery !== null) {
    return (
      <p>
        {text.lostPasskey}{' '}
        <Link className="text-link" href={formatNextPath('/sign-in/recover', next)}>
          {text.lostReplace}
        </Link>
      </p>
    );
  }
  if (!ways.includes('recovery')) return <p>{isSignedIn ? text.lostTooLate : text.lostOther}</p>;
  return (
    <>
      <p>
        {text.lostRecovery}{' '}
        <button className="text-link" onClick={() => onChoose('recovery')} type="button">
          {text.useRecovery}
        </button>
      </p>
      {ways.includes('passkey') ? <p>{text.lostOther}</p> : null}
    </>
  );
}
