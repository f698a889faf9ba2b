import type { Assurance } from '@countersign/server/contract';
import type { ReactNode } from 'react';
import { Pill } from '../components/Pill.tsx';
import { formatAge } from '../dates.ts';
import { shellMessages } from '../messages-shell.ts';
import { useNow } from '../use-now.ts';

/** With what, and how long ago, this session was signed in. */
export function AssurancePill({ assurance }: { readonly assurance: Assurance }): ReactNode {
  const text = shellMessages.assurance;
  const now = useNow();
  const age = formatAge(assurance.authenticatedAt, now, 'short');
  const { methods } = assurance;
  if (methods.includes('pop')) return <Pill tone="ok">{text.passkey(age)}</Pill>;
  if (methods.includes('otp')) return <Pill tone="ok">{text.app(age)}</Pill>;
  if (methods.includes('idp')) return <Pill tone="ok">{text.idp(age)}</Pill>;
  if (methods.includes('recovery')) return <Pill tone="warn">{text.recovery(age)}</Pill>;
  return <Pill tone="mute">{text.password(age)}</Pill>;
}
