import type { ReactNode } from 'react';
import type { EmailStarted } from '../api-account.ts';
import { ModalDialog } from '../components/ModalDialog.tsx';
import { accountMessages } from '../messages-account.ts';
import { EmailCodeForm } from './EmailCodeForm.tsx';
import { NewEmailForm } from './NewEmailForm.tsx';

export interface ChangeEmailDialogProps {
  readonly email: string;
  /** The change whose code is awaited; null before one is sent. */
  readonly started: EmailStarted | null;
  readonly onStart: (params: { newEmail: string; password: string }) => Promise<void>;
  readonly onStartAgain: () => void;
  readonly onChanged: (email: string) => void;
  readonly onCancel: () => void;
}

/** First the new address, then the code from its mailbox, in one dialog. */
export function ChangeEmailDialog(props: ChangeEmailDialogProps): ReactNode {
  const { email, started, onCancel } = props;
  const text = accountMessages.changeEmail;
  return (
    <ModalDialog onClose={onCancel} title={started === null ? text.title : text.codeTitle}>
      {started === null ? (
        <NewEmailForm email={email} onCancel={onCancel} onStart={props.onStart} />
      ) : (
        <EmailCodeForm
          onCancel={onCancel}
          onChanged={props.onChanged}
          onStartAgain={props.onStartAgain}
          started={started}
        />
      )}
    </ModalDialog>
  );
}
