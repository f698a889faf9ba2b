import type { ReactNode } from 'react';

export interface PillProps {
  readonly tone: 'ok' | 'warn' | 'danger' | 'mute';
  readonly children: ReactNode;
}

const tones = {
  ok: 'bg-ok-soft text-ok',
  warn: 'bg-warn-soft text-warn',
  danger: 'bg-danger-soft text-danger',
  mute: 'border border-line bg-bg text-ink-2',
} as const;

/** A state in a word or two. */
export function Pill({ tone, children }: PillProps): ReactNode {
  return (
    <span
      className={`inline-block whitespace-nowrap rounded-full px-2.5 py-0.5 font-[550] text-[0.8125rem] leading-5 ${tones[tone]}`}
    >
      {children}
    </span>
  );
}
