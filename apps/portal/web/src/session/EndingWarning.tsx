import {
  type SessionWarning,
  useOpeningFocus,
  useSession,
  useSessionWarning,
} from '@countersign/react';
import { type ReactNode, useId, useState } from 'react';
import { Dialog, Heading } from 'react-aria-components/Dialog';
import { Modal, ModalOverlay } from 'react-aria-components/Modal';
import { Button } from '../components/Button.tsx';
import { Notice } from '../components/Notice.tsx';
import { shellMessages } from '../messages-shell.ts';
import { useLeave } from './use-leave.ts';

export interface EndingWarningProps {
  /** What becomes of what was begun; that it is kept, where nothing else is said. */
  readonly consequence?: string;
}

/** Warns a minute before the session ends by itself; nothing until then. */
export function EndingWarning({
  consequence = shellMessages.ending.kept,
}: EndingWarningProps): ReactNode {
  const warning = useSessionWarning();
  const { session } = useSession();
  const [seen, setSeen] = useState<string | null>(null);
  const end = session?.expiry?.expiresAt ?? null;
  if (warning === null) return null;
  // Nothing puts this end off: whoever has read so may go on until then.
  if (warning.reason === 'absolute' && seen === end) return null;
  return <WarningDialog consequence={consequence} onSeen={() => setSeen(end)} warning={warning} />;
}

interface WarningDialogProps extends Required<EndingWarningProps> {
  readonly warning: SessionWarning;
  readonly onSeen: () => void;
}

function WarningDialog({ consequence, warning, onSeen }: WarningDialogProps): ReactNode {
  const text = shellMessages.ending;
  const { reason, secondsLeft } = warning;
  const id = useId();
  const safe = useOpeningFocus<HTMLButtonElement>(true);
  const { busy, fault, stay, leave } = useAnswers();
  return (
    <ModalOverlay className="cs-overlay" isKeyboardDismissDisabled isOpen>
      <Modal className="cs-modal">
        <Dialog aria-describedby={id} className="cs-dialog" role="alertdialog">
          <header className="cs-dialog-header">
            <Heading className="cs-dialog-title" slot="title">
              {text[reason].title}
            </Heading>
          </header>
          <div className="cs-dialog-body">
            <div className="grid gap-3" id={id}>
              <p>{text[reason].body}</p>
              <p className="text-ink-2">{consequence}</p>
            </div>
            {/* Each second for those who look; those who listen are told at 30 and at 10. */}
            <p aria-hidden className="font-[620] text-[1.375rem] tabular-nums">
              {text.left(secondsLeft)}
            </p>
            <p className="cs-sr-only" role="status">
              {spokenOf(secondsLeft)}
            </p>
            {fault === null ? null : <Notice tone="danger">{fault}</Notice>}
          </div>
          <footer className="cs-dialog-footer">
            <Button onClick={leave}>{text.leave}</Button>
            {reason === 'inactivity' ? (
              <Button busy={busy} onClick={stay} ref={safe} tone="primary">
                {text.stay}
              </Button>
            ) : (
              <Button onClick={onSeen} ref={safe} tone="primary">
                {text.understood}
              </Button>
            )}
          </footer>
        </Dialog>
      </Modal>
    </ModalOverlay>
  );
}

function useAnswers() {
  const text = shellMessages.ending;
  const { extend } = useSession();
  const signOut = useLeave();
  const [busy, setBusy] = useState(false);
  const [fault, setFault] = useState<string | null>(null);
  const run = async (work: () => Promise<void>, failed: string) => {
    setBusy(true);
    setFault(null);
    try {
      await work();
    } catch {
      setFault(failed);
    } finally {
      setBusy(false);
    }
  };
  return {
    busy,
    fault,
    stay: () => void run(extend, text.stayFailed),
    leave: () => void run(signOut, text.leaveFailed),
  };
}

function spokenOf(secondsLeft: number): string {
  if (secondsLeft > 30) return '';
  return shellMessages.ending.left(secondsLeft > 10 ? 30 : 10);
}
