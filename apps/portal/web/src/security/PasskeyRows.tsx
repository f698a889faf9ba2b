import type { Authenticator } from '@countersign/server/contract';
import type { ReactNode } from 'react';
import { Button } from '../components/Button.tsx';
import { Pill } from '../components/Pill.tsx';
import { securityMessages } from '../messages-security.ts';
import { useNow } from '../use-now.ts';
import { describeUse } from './describe-use.ts';
import { WayRow } from './WayRow.tsx';

export interface PasskeyRowsProps {
  readonly passkeys: readonly Authenticator[];
  readonly onAdd: () => void;
  readonly onRename: (passkey: Authenticator) => void;
  readonly onRemove: (passkey: Authenticator) => void;
}

/** Every passkey with its name, or that there is none. */
export function PasskeyRows(props: PasskeyRowsProps): ReactNode {
  const { passkeys, onAdd, onRename, onRemove } = props;
  const text = securityMessages.security;
  const now = useNow();
  if (passkeys.length === 0) {
    return (
      <WayRow
        action={<Button onClick={onAdd}>{text.addPasskey}</Button>}
        detail={text.passkeysNone}
        icon="passkey"
        pill={null}
        title={text.passkeys}
      />
    );
  }
  return passkeys.map((passkey) => (
    <WayRow
      action={
        <div className="flex flex-wrap gap-2">
          <Button
            aria-label={text.renameLabel(passkey.name)}
            onClick={() => onRename(passkey)}
            tone="quiet"
          >
            {text.rename}
          </Button>
          <Button aria-label={text.removeLabel(passkey.name)} onClick={() => onRemove(passkey)}>
            {text.remove}
          </Button>
        </div>
      }
      detail={describeUse(passkey, now)}
      icon="passkey"
      key={passkey.id}
      pill={
        passkey.locked ? (
          <Pill tone="danger">{text.locked}</Pill>
        ) : (
          <Pill tone="mute">{passkey.synced === true ? text.synced : text.deviceOnly}</Pill>
        )
      }
      title={passkey.name}
    />
  ));
}
