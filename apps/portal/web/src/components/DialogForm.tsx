import type { FormEvent, ReactNode, Ref } from 'react';
import { messages } from '../messages.ts';
import { Button } from './Button.tsx';
import { Notice } from './Notice.tsx';

export interface DialogFormProps {
  readonly submitLabel: string;
  readonly tone?: 'primary' | 'danger';
  readonly busy: boolean;
  /** Why what was sent was refused, where no one field is to blame. */
  readonly error?: string | null;
  readonly children: ReactNode;
  readonly onSubmit: () => void;
  readonly onCancel: () => void;
  readonly ref?: Ref<HTMLFormElement>;
}

/** What a dialog asks for and sends; what was typed stays when it is refused. */
export function DialogForm(props: DialogFormProps): ReactNode {
  const { submitLabel, tone = 'primary', busy, error = null, children, ref } = props;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!busy) props.onSubmit();
  };
  return (
    <form method="post" noValidate onSubmit={submit} ref={ref}>
      <div className="cs-dialog-body">
        {children}
        {error === null ? null : <Notice tone="danger">{error}</Notice>}
      </div>
      <footer className="cs-dialog-footer">
        <Button onClick={props.onCancel}>{messages.cancel}</Button>
        <Button busy={busy} tone={tone} type="submit">
          {submitLabel}
        </Button>
      </footer>
    </form>
  );
}
