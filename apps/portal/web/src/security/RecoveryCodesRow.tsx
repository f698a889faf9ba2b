import type { RecoveryCodes } from '@countersign/server/contract';
import type { ReactNode } from 'react';
import { Button } from '../components/Button.tsx';
import { Pill } from '../components/Pill.tsx';
import { formatDay } from '../dates.ts';
import { securityMessages } from '../messages-security.ts';
import { WayRow } from './WayRow.tsx';

const LOW = 3;

export interface RecoveryCodesRowProps {
  readonly recoveryCodes: RecoveryCodes;
  readonly making: boolean;
  readonly onMake: () => void;
}

/** How many recovery codes are left, and how to get new ones. */
export function RecoveryCodesRow(props: RecoveryCodesRowProps): ReactNode {
  const { recoveryCodes, making, onMake } = props;
  const text = securityMessages.security;
  const { remaining, total, issuedAt } = recoveryCodes;
  if (issuedAt === null) {
    return <WayRow detail={text.recoveryNone} icon="key" pill={null} title={text.recovery} />;
  }
  return (
    <WayRow
      action={
        <Button busy={making} onClick={onMake}>
          {text.makeCodes}
        </Button>
      }
      detail={`${text.recoveryLeft(remaining, total)} · ${text.recoveryMade(formatDay(issuedAt))}`}
      icon="key"
      pill={
        remaining > LOW ? null : (
          <Pill tone={remaining === 0 ? 'danger' : 'warn'}>
            {remaining === 0 ? text.recoveryOut : text.recoveryLow}
          </Pill>
        )
      }
      title={text.recovery}
    />
  );
}
