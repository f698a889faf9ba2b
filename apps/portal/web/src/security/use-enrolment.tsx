import { isCancelled } from '@countersign/react';
import { type ReactNode, type RefObject, useEffect, useRef, useState } from 'react';
import { Notice } from '../components/Notice.tsx';
import type { Outcome } from '../components/ReceiptPanel.tsx';
import { securityMessages } from '../messages-security.ts';
import { type EnrolmentKind, useEnrol } from './enrolment-context.ts';

export interface Enrolment {
  /** What to say when an app was turned on, which leaves no receipt. */
  readonly announcement: ReactNode;
  /** Goes on the heading of what is changed: the focus comes back there. */
  readonly heading: RefObject<HTMLHeadingElement | null>;
  start(kind: EnrolmentKind): void;
}

/** Setting something up by choice, and saying so: with a receipt where there is one. */
export function useEnrolment(options: {
  readonly isFirst: boolean;
  readonly onOutcome: (done: Outcome) => void;
  readonly onChanged: () => void;
}): Enrolment {
  const { isFirst, onOutcome, onChanged } = options;
  const enrol = useEnrol();
  const [isAppOn, setIsAppOn] = useState(false);
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    if (!isAppOn) return;
    // The button that began this is gone; the dialog, too, hands the focus to nobody.
    const frame = requestAnimationFrame(() => heading.current?.focus());
    return () => cancelAnimationFrame(frame);
  }, [isAppOn]);

  const start = async (kind: EnrolmentKind) => {
    setIsAppOn(false);
    try {
      const { name, receipt } = await enrol({ kind, isFirst });
      if (receipt !== null) {
        onOutcome({ title: securityMessages.passkey.announced(name ?? ''), receipt });
        return;
      }
      setIsAppOn(true);
      onChanged();
    } catch (error) {
      if (!isCancelled(error)) throw error;
      onChanged();
    }
  };

  const announcement = isAppOn ? (
    <Notice tone="ok">{securityMessages.enrol.announced}</Notice>
  ) : null;
  return { announcement, heading, start: (kind: EnrolmentKind) => void start(kind) };
}
