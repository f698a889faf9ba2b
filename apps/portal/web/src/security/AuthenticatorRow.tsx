import type { Authenticator } from '@countersign/server/contract';
import type { ReactNode } from 'react';
import { Button } from '../components/Button.tsx';
import { Pill } from '../components/Pill.tsx';
import { formatAge, formatDay } from '../dates.ts';
import { messages } from '../messages.ts';
import { useNow } from '../use-now.ts';
import { WayRow } from './WayRow.tsx';

export interface AuthenticatorRowProps {
  readonly authenticator: Authenticator | null;
  readonly onSetUp: () => void;
  readonly onTurnOff: (id: string) => void;
}

export function AuthenticatorRow(props: AuthenticatorRowProps): ReactNode {
  const { authenticator, onSetUp, onTurnOff } = props;
  const text = messages.security;
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
  const { id, boundAt, lastUsedAt, locked } = authenticator;
  const used = lastUsedAt === null ? text.appNeverUsed : text.appUsed(formatAge(lastUsedAt, now));
  return (
    <WayRow
      action={<Button onClick={() => onTurnOff(id)}>{text.turnOff}</Button>}
      detail={`${text.appSince(formatDay(boundAt))} · ${used}`}
      icon="phone"
      pill={locked ? <Pill tone="danger">{text.locked}</Pill> : <Pill tone="ok">{text.on}</Pill>}
      title={text.app}
    />
  );
}
