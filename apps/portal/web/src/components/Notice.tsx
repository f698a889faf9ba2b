import type { ReactNode } from 'react';
import { Icon } from './Icon.tsx';

export interface NoticeProps {
  readonly tone: 'ok' | 'warn' | 'danger';
  readonly children: ReactNode;
  readonly className?: string;
}

const tones = {
  ok: 'bg-ok-soft text-ok',
  warn: 'bg-warn-soft text-warn',
  danger: 'bg-danger-soft text-danger',
} as const;

/** Something to know before going on; a failure interrupts, anything else waits its turn. */
export function Notice({ tone, children, className = '' }: NoticeProps): ReactNode {
  return (
    <div
      className={`flex items-start gap-3 rounded-xl px-4 py-3 ${tones[tone]} ${className}`}
      role={tone === 'danger' ? 'alert' : 'status'}
    >
      <Icon className="mt-0.5 size-5" name={tone === 'ok' ? 'check' : 'alert'} />
      <div className="min-w-0 grow">{children}</div>
    </div>
  );
}
