import type { ReactNode } from 'react';
import { Button } from '../components/Button.tsx';
import { Pill } from '../components/Pill.tsx';
import { accountMessages } from '../messages-account.ts';
import { WayRow } from '../security/WayRow.tsx';

/** What of the account is being changed; `code` is the second half of `email`. */
export type AccountChange = 'email' | 'code' | 'password' | 'delete';

export interface AccountRowsProps {
  readonly email: string;
  /** The new address whose code is awaited. */
  readonly waitingFor: string | null;
  readonly onOpen: (change: AccountChange) => void;
}

export function AccountRows({ email, waitingFor, onOpen }: AccountRowsProps): ReactNode {
  const text = accountMessages;
  return (
    <>
      <WayRow
        action={
          <div className="flex flex-wrap gap-2">
            {waitingFor === null ? null : (
              <Button onClick={() => onOpen('code')} tone="primary">
                {text.emailEnterCode}
              </Button>
            )}
            <Button onClick={() => onOpen('email')}>{text.emailChange}</Button>
          </div>
        }
        detail={waitingFor === null ? email : `${email} · ${text.emailWaiting(waitingFor)}`}
        icon="mail"
        pill={waitingFor === null ? null : <Pill tone="warn">{text.emailUnconfirmed}</Pill>}
        title={text.email}
      />
      <WayRow
        action={<Button onClick={() => onOpen('password')}>{text.passwordChange}</Button>}
        detail={text.passwordDetail}
        icon="key"
        pill={null}
        title={text.password}
      />
      <WayRow
        action={
          <Button className="text-danger!" onClick={() => onOpen('delete')}>
            {text.remove}
          </Button>
        }
        detail={text.removeDetail}
        icon="trash"
        pill={null}
        title={text.remove}
      />
    </>
  );
}
