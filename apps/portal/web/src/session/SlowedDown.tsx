import type { ReactNode } from 'react';
import { Notice } from '../components/Notice.tsx';
import { LOCKED_SECONDS } from '../explain-refusal.ts';
import { messages } from '../messages.ts';

/** Tells somebody whose password is not tried any more how long that lasts, and what they can do. */
export function SlowedDown({ waitSeconds }: { readonly waitSeconds: number }): ReactNode {
  const text = messages.signIn;
  const isLocked = waitSeconds >= LOCKED_SECONDS;
  return (
    <Notice tone="danger">
      <p className="font-[620]">
        {isLocked ? text.lockedTitle : text.slowedDownTitle(messages.wait(waitSeconds))}
      </p>
      <p className="mt-1">{isLocked ? text.lockedBody : text.slowedDownBody}</p>
      <p className="mt-3 font-[520]">{text.meanwhile}</p>
      <ul className="mt-1 grid list-disc gap-1 pl-5">
        {(isLocked ? text.lockedItems : text.slowedDownItems).map((item) => (
          <li key={item}>{item}</li>
        ))}
      </ul>
    </Notice>
  );
}
