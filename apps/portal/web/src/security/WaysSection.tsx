import { useDraft, useProtected, useSession } from '@countersign/react';
import type { Authenticator, Receipt } from '@countersign/server/contract';
import type { ReactNode } from 'react';
import { removeAuthenticator, renamePasskey } from '../api-authenticators.ts';
import { Notice } from '../components/Notice.tsx';
import type { Outcome } from '../components/ReceiptPanel.tsx';
import { securityMessages } from '../messages-security.ts';
import { RemoveAuthenticatorDialog } from './RemoveAuthenticatorDialog.tsx';
import { RenamePasskeyDialog } from './RenamePasskeyDialog.tsx';
import { useEnrolment } from './use-enrolment.tsx';
import { useNewCodes } from './use-new-codes.tsx';
import { hasNoWay, isLastWay, useWays } from './use-ways.ts';
import { WaysCard } from './WaysCard.tsx';

export interface WaysSectionProps {
  readonly onOutcome: (outcome: Outcome) => void;
  /** Something changed that leaves no receipt. */
  readonly onChanged: () => void;
}

interface Change {
  readonly name: 'remove' | 'rename';
  readonly authenticator: Authenticator;
}

/** The ways to confirm, and the dialogs that change them. */
export function WaysSection({ onOutcome, onChanged }: WaysSectionProps): ReactNode {
  const text = securityMessages;
  const { session, refresh } = useSession();
  const ways = useWays();
  const [open, setOpen] = useDraft<Change | null>('security-change', null);
  const close = () => setOpen(null);
  const changed = (outcome: Outcome) => {
    close();
    ways.reload();
    void refresh();
    onOutcome(outcome);
  };
  const enrolment = useEnrolment({
    isFirst: ways.data === null || hasNoWay(ways.data),
    onOutcome: changed,
    onChanged: () => {
      ways.reload();
      onChanged();
    },
  });
  const remove = useProtected('authenticator.remove', removeAuthenticator, { secretParams: true });
  const renamed = (receipt: Receipt, { name }: { readonly name: string }) =>
    changed({ title: text.passkey.renamed(name), receipt });
  const rename = useProtected('authenticator.rename', renamePasskey, { onResumed: renamed });
  const newCodes = useNewCodes((receipt) => changed({ title: text.security.codesMade, receipt }));

  return (
    <>
      {enrolment.announcement}
      {newCodes.error === null ? null : <Notice tone="danger">{newCodes.error}</Notice>}
      <WaysCard
        canReplaceLost={(session?.recovery ?? null) !== null}
        headingRef={enrolment.heading}
        makingCodes={newCodes.busy}
        onEnrol={enrolment.start}
        onMakeCodes={newCodes.make}
        onRemove={(authenticator) => setOpen({ name: 'remove', authenticator })}
        onRename={(authenticator) => setOpen({ name: 'rename', authenticator })}
        ways={ways}
      />
      {open?.name === 'remove' ? (
        <RemoveAuthenticatorDialog
          authenticator={open.authenticator}
          isLast={isLastWay(ways.data)}
          onCancel={close}
          onRemove={async (password) => {
            const { id, type, name } = open.authenticator;
            const receipt = await remove({ id, password });
            const title = type === 'totp' ? text.turnOff.announced : text.passkey.removed(name);
            changed({ title, receipt });
          }}
        />
      ) : null}
      {open?.name === 'rename' ? (
        <RenamePasskeyDialog
          onCancel={close}
          onRename={async (name) => {
            const params = { id: open.authenticator.id, name };
            renamed(await rename(params), params);
          }}
          passkey={open.authenticator}
        />
      ) : null}
      {newCodes.dialog}
    </>
  );
}
