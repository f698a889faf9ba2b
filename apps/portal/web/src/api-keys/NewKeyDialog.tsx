import { type FormEvent, type ReactNode, useState } from 'react';
import { Button } from '../components/Button.tsx';
import { CopyButton } from '../components/CopyButton.tsx';
import { ModalDialog } from '../components/ModalDialog.tsx';
import { Notice } from '../components/Notice.tsx';
import { apiKeysMessages } from '../messages-api-keys.ts';
import { useFaults } from '../use-faults.ts';

export interface NewKeyDialogProps {
  readonly apiKey: string;
  readonly onDone: () => void;
}

/** Shows a key the one time it can be seen, and goes on once it is copied. */
export function NewKeyDialog({ apiKey, onDone }: NewKeyDialogProps): ReactNode {
  const text = apiKeysMessages;
  const [isCopied, setIsCopied] = useState(false);
  const { form, faults, report } = useFaults<'copied'>();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!report(isCopied ? {} : { copied: text.copiedMissing })) onDone();
  };
  return (
    <ModalDialog dismissable={false} onClose={() => undefined} title={text.shownTitle}>
      <form noValidate onSubmit={submit} ref={form}>
        <div className="cs-dialog-body">
          <Notice tone="warn">{text.shownWarning}</Notice>
          <div className="grid justify-items-start gap-3">
            <p className="cs-label">{text.key}</p>
            <code
              className="block w-full rounded-xl border border-line bg-bg px-4 py-3 font-mono text-[0.9375rem] [overflow-wrap:anywhere]"
              data-secret
            >
              {apiKey}
            </code>
            <CopyButton label={text.copy} text={apiKey} />
          </div>
          <div>
            <label className="flex min-h-8 w-fit cursor-pointer items-center gap-2.5 font-[560]">
              <input
                aria-describedby="new-key-error"
                aria-invalid={faults.copied !== undefined || undefined}
                checked={isCopied}
                onChange={(event) => {
                  setIsCopied(event.target.checked);
                  report({});
                }}
                type="checkbox"
              />
              {text.copied}
            </label>
            <div className="cs-error" id="new-key-error" role="alert">
              {faults.copied}
            </div>
          </div>
        </div>
        <footer className="cs-dialog-footer">
          <Button tone="primary" type="submit">
            {text.done}
          </Button>
        </footer>
      </form>
    </ModalDialog>
  );
}
