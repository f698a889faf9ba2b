import type { Assurance } from '@countersign/server/contract';
import type { ReactNode } from 'react';
import { Pill } from '../components/Pill.tsx';
import { formatAge } from '../dates.ts';
import { messages } from '../messages.ts';
import { useNow } from '../use-now.ts';

/** With what, and how long ago, this session was signed in. */
export function AssurancePill({ assurance }: { readonly assurance: Assurance }): ReactNode {
  const now = useNow();
  const age = formatAge(assurance.authenticatedAt, now, 'short');
  const { methods } = assurance;
  if (methods.includes('otp')) return <Pill tone="ok">{messages.assurance.app(age)}</Pill>;
  if (methods.includes('recovery')) {
    return <Pill tone="warn">{messages.assurance.recovery(age)}</Pill>;
  }
  return <Pill tone="mute">{messages.assurance.password(age)}</Pill>;
}
