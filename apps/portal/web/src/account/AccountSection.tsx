import { useDraft, useProtected, useSession } from '@countersign/react';
import type { Receipt } from '@countersign/server/contract';
import type { ReactNode } from 'react';
import { useLocation } from 'wouter';
import {
  changePassword,
  deleteAccount,
  type EmailStarted,
  startEmailChange,
} from '../api-account.ts';
import { CardSection } from '../components/CardSection.tsx';
import type { Outcome } from '../components/ReceiptPanel.tsx';
import { accountMessages } from '../messages-account.ts';
import { type AccountChange, AccountRows } from './AccountRows.tsx';
import { ChangeEmailDialog } from './ChangeEmailDialog.tsx';
import { ChangePasswordDialog } from './ChangePasswordDialog.tsx';
import { DeleteAccountDialog } from './DeleteAccountDialog.tsx';

export interface AccountSectionProps {
  readonly onOutcome: (outcome: Outcome) => void;
}

/** Address, password and the account itself, and the dialogs that change them. */
export function AccountSection({ onOutcome }: AccountSectionProps): ReactNode {
  const text = accountMessages;
  const { session, refresh } = useSession();
  const [open, setOpen] = useDraft<AccountChange | null>('account-change', null);
  // Outlives a closed dialog: the code may still be on its way.
  const [started, setStarted] = useDraft<EmailStarted | null>('email-change', null);
  const startEmail = useProtected('account.change-email', startEmailChange, { secretParams: true });
  const replacePassword = useProtected('account.change-password', changePassword, {
    secretParams: true,
  });
  const leave = useLeave();
  const remove = useProtected('account.delete', deleteAccount, {
    onResumed: (receipt) => void leave(receipt),
  });
  const close = () => setOpen(null);
  const changed = (outcome: Outcome) => {
    close();
    void refresh();
    onOutcome(outcome);
  };
  const email = session?.user?.email ?? '';

  return (
    <CardSection title={text.title}>
      <AccountRows email={email} onOpen={setOpen} waitingFor={started?.sentTo ?? null} />
      {open === 'email' || open === 'code' ? (
        <ChangeEmailDialog
          email={email}
          onCancel={close}
          onChanged={(newEmail) => {
            if (started === null) return;
            setStarted(null);
            const facts = [{ label: text.changeEmail.now, value: newEmail }];
            changed({ title: text.changeEmail.done, receipt: started.receipt, facts });
          }}
          onStart={async (params) => {
            setStarted(await startEmail(params));
            setOpen('code');
          }}
          onStartAgain={() => setOpen('email')}
          started={open === 'code' ? started : null}
        />
      ) : null}
      {open === 'password' ? (
        <ChangePasswordDialog
          email={email}
          onCancel={close}
          onChange={async (params) =>
            changed({
              title: text.changePassword.done,
              receipt: await replacePassword(params),
            })
          }
        />
      ) : null}
      {open === 'delete' ? (
        <DeleteAccountDialog onCancel={close} onDelete={async () => leave(await remove({}))} />
      ) : null}
    </CardSection>
  );
}

/** Leaves for the sign-in page, which says that the account is gone. */
function useLeave(): (receipt: Receipt) => Promise<void> {
  const { refresh, leave } = useSession();
  const [, navigate] = useLocation();
  return async (receipt) => {
    leave();
    // First the session: while it counts as active, the sign-in page sends everyone back.
    await refresh();
    const state = { entryHash: receipt.entryHash };
    navigate('/sign-in?notice=account-deleted', { replace: true, state });
  };
}
