import { type FormEvent, type ReactNode, useRef, useState } from 'react';
import { recoveryCodesMessages } from '../messages-recovery-codes.ts';
import { Button } from './Button.tsx';
import { CopyButton } from './CopyButton.tsx';

export interface RecoveryCodesPanelProps {
  readonly codes: readonly string[];
  readonly doneLabel: string;
  readonly onDone: () => void;
}

/** Shows recovery codes the one time they can be seen, and goes on once they are saved. */
export function RecoveryCodesPanel(props: RecoveryCodesPanelProps): ReactNode {
  const { codes, doneLabel, onDone } = props;
  const text = recoveryCodesMessages;
  const [saved, setSaved] = useState(false);
  const [error, setError] = useState<string | null>(null);
  const box = useRef<HTMLInputElement>(null);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (saved) return onDone();
    setError(text.savedMissing);
    box.current?.focus();
  };
  return (
    <form className="grid gap-4" noValidate onSubmit={submit}>
      <p className="text-ink-2">{text.intro}</p>
      <ol
        aria-label={text.listLabel}
        className="grid list-decimal gap-0.5 rounded-xl border border-line bg-bg py-3 pr-4 pl-10 font-mono text-[0.9375rem] marker:text-ink-3 marker:text-sm"
        data-secret
      >
        {codes.map((code) => (
          <li key={code}>{code}</li>
        ))}
      </ol>
      <div className="flex flex-wrap gap-2.5">
        <CopyButton label={text.copy} text={codes.join('\n')} />
        <Button onClick={() => download(codes)}>{text.download}</Button>
      </div>
      <div>
        <label className="flex min-h-8 w-fit cursor-pointer items-center gap-2.5 font-[560]">
          <input
            aria-describedby="recovery-codes-error"
            aria-invalid={error !== null || undefined}
            checked={saved}
            onChange={(event) => {
              setSaved(event.target.checked);
              setError(null);
            }}
            ref={box}
            type="checkbox"
          />
          {text.saved}
        </label>
        <div className="cs-error" id="recovery-codes-error" role="alert">
          {error}
        </div>
      </div>
      <Button className="w-full" tone="primary" type="submit">
        {doneLabel}
      </Button>
    </form>
  );
}

function download(codes: readonly string[]): void {
  const lines = [recoveryCodesMessages.fileHeading, '', ...codes, ''];
  const url = URL.createObjectURL(new Blob([lines.join('\n')], { type: 'text/plain' }));
  const link = document.createElement('a');
  link.href = url;
  link.download = recoveryCodesMessages.fileName;
  link.click();
  URL.revokeObjectURL(url);
}
