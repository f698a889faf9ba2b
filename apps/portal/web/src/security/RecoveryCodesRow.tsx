import type { RecoveryCodes } from '@countersign/server/contract';
import type { ReactNode } from 'react';
import { Pill } from '../components/Pill.tsx';
import { formatDay } from '../dates.ts';
import { messages } from '../messages.ts';
import { WayRow } from './WayRow.tsx';

const LOW = 3;

export interface RecoveryCodesRowProps {
  readonly recoveryCodes: RecoveryCodes;
}

export function RecoveryCodesRow({ recoveryCodes }: RecoveryCodesRowProps): ReactNode {
  const text = messages.security;
  const { remaining, total, issuedAt } = recoveryCodes;
  if (issuedAt === null) {
    return <WayRow detail={text.recoveryNone} icon="key" pill={null} title={text.recovery} />;
  }
  return (
    <WayRow
      detail={`${text.recoveryLeft(remaining, total)} · ${text.recoveryMade(formatDay(issuedAt))}`}
      icon="key"
      pill={remaining <= LOW ? <Pill tone="warn">{text.recoveryLow}</Pill> : null}
      title={text.recovery}
    />
  );
}
