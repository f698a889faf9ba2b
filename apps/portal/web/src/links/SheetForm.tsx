import type { FormEvent, ReactNode, Ref } from 'react';
import { Button } from '../components/Button.tsx';
import { Notice } from '../components/Notice.tsx';

export interface SheetFormProps {
  readonly submitLabel: string;
  readonly busy: boolean;
  readonly error: string | null;
  readonly children: ReactNode;
  readonly onSubmit: () => void;
  readonly ref?: Ref<HTMLFormElement>;
}

/** The form of a page that has nothing else on it. */
export function SheetForm(props: SheetFormProps): ReactNode {
  const { submitLabel, busy, error, children, onSubmit, ref } = props;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!busy) onSubmit();
  };
  return (
    <form className="mt-5 grid gap-5" method="post" noValidate onSubmit={submit} ref={ref}>
      {children}
      <div className="grid gap-4">
        {error === null ? null : <Notice tone="danger">{error}</Notice>}
        <Button busy={busy} className="w-full" tone="primary" type="submit">
          {submitLabel}
        </Button>
      </div>
    </form>
  );
}
