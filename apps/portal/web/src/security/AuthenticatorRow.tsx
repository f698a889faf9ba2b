import type { Authenticator } from '@countersign/server/contract';
import type { ReactNode } from 'react';
import { Button } from '../components/Button.tsx';
import { Pill } from '../components/Pill.tsx';
import { securityMessages } from '../messages-security.ts';
import { useNow } from '../use-now.ts';
import { describeUse } from './describe-use.ts';
import { WayRow } from './WayRow.tsx';

export interface AuthenticatorRowProps {
  readonly authenticator: Authenticator | null;
  readonly onSetUp: () => void;
  readonly onTurnOff: (authenticator: Authenticator) => void;
}

/** The authenticator app: on, locked, or still to set up. */
export function AuthenticatorRow(props: AuthenticatorRowProps): ReactNode {
  const { authenticator, onSetUp, onTurnOff } = props;
  const text = securityMessages.security;
  const now = useNow();
  if (authenticator === null) {
    return (
      <WayRow
        action={
          <Button onClick={onSetUp} tone="primary">
            {text.setUp}
          </Button>
        }
        detail={text.appNone}
        icon="phone"
        pill={<Pill tone="warn">{text.off}</Pill>}
        title={text.app}
      />
    );
  }
  return (
    <WayRow
      action={<Button onClick={() => onTurnOff(authenticator)}>{text.turnOff}</Button>}
      detail={describeUse(authenticator, now)}
      icon="phone"
      pill={
        authenticator.locked ? (
          <Pill tone="danger">{text.locked}</Pill>
        ) : (
          <Pill tone="ok">{text.on}</Pill>
        )
      }
      title={text.app}
    />
  );
}
