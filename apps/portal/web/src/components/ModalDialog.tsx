import type { ReactNode } from 'react';
import { Dialog, Heading } from 'react-aria-components/Dialog';
import { Modal, ModalOverlay } from 'react-aria-components/Modal';

export interface ModalDialogProps {
  readonly title: string;
  readonly children: ReactNode;
  readonly onClose: () => void;
  /** False while closing would lose something that is shown only once. */
  readonly dismissable?: boolean;
}

/** A dialog over the page; Escape closes it and the focus returns to where it was. */
export function ModalDialog(props: ModalDialogProps): ReactNode {
  const { title, children, onClose, dismissable = true } = props;
  return (
    <ModalOverlay
      className="cs-overlay"
      isKeyboardDismissDisabled={!dismissable}
      isOpen
      onOpenChange={(isOpen) => {
        if (!isOpen) onClose();
      }}
    >
      <Modal className="cs-modal">
        <Dialog className="cs-dialog">
          <header className="cs-dialog-header">
            <Heading className="cs-dialog-title" slot="title">
              {title}
            </Heading>
          </header>
          {children}
        </Dialog>
      </Modal>
    </ModalOverlay>
  );
}
