import type { ReactNode } from 'react';
import { DialogForm, type DialogFormProps } from './DialogForm.tsx';
import { ModalDialog } from './ModalDialog.tsx';

export interface FormDialogProps extends DialogFormProps {
  readonly title: string;
}

/** A dialog that asks for something and sends it. */
export function FormDialog({ title, ...form }: FormDialogProps): ReactNode {
  return (
    <ModalDialog onClose={form.onCancel} title={title}>
      <DialogForm {...form} />
    </ModalDialog>
  );
}
