import type { ReactNode } from 'react';
import { ModalDialog } from '../components/ModalDialog.tsx';
import { RecoveryCodesPanel } from '../components/RecoveryCodesPanel.tsx';
import { securityMessages } from '../messages-security.ts';

export interface NewCodesDialogProps {
  readonly codes: readonly string[];
  readonly onDone: () => void;
}

/** A new set of recovery codes, this once. */
export function NewCodesDialog({ codes, onDone }: NewCodesDialogProps): ReactNode {
  const text = securityMessages.security;
  return (
    <ModalDialog dismissable={false} onClose={() => undefined} title={text.codesTitle}>
      <div className="cs-dialog-body">
        <p className="font-[560]">{text.codesNote}</p>
        <RecoveryCodesPanel codes={codes} doneLabel={securityMessages.enrol.done} onDone={onDone} />
      </div>
    </ModalDialog>
  );
}
