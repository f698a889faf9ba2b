import { CountersignError } from '@countersign/react';
import type { Fault } from '@countersign/server/contract';
import { type FormEvent, type ReactNode, useId, useRef, useState } from 'react';
import { importRecords } from '../api-records.ts';
import { Button } from '../components/Button.tsx';
import { ModalDialog } from '../components/ModalDialog.tsx';
import { Notice } from '../components/Notice.tsx';
import { explainError } from '../explain-error.ts';
import { messages } from '../messages.ts';
import { recordsMessages } from '../messages-records.ts';
import { ImportFaults } from './ImportFaults.tsx';

export interface ImportDialogProps {
  readonly onImported: (count: number) => void;
  readonly onClose: () => void;
}

type Refusal =
  | { readonly kind: 'faults'; readonly faults: readonly Fault[] }
  | { readonly kind: 'text'; readonly text: string };

/** Takes a CSV file in whole or shows, line by line, what to correct. */
export function ImportDialog({ onImported, onClose }: ImportDialogProps): ReactNode {
  const text = recordsMessages.import;
  const id = useId();
  const { input, refusal, busy, submit, forget } = useImport(onImported);
  return (
    <ModalDialog onClose={onClose} title={text.title}>
      <form method="post" noValidate onSubmit={submit}>
        <div className="cs-dialog-body">
          <p className="text-ink-2">{text.intro}</p>
          {/* Focusable, so that a narrow screen can scroll it from the keyboard. */}
          <section
            aria-label={text.exampleLabel}
            className="overflow-x-auto rounded-lg border border-line bg-bg px-4 py-3"
            // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard
            tabIndex={0}
          >
            <pre className="font-mono text-[0.8125rem]">{text.example}</pre>
          </section>
          <div className="cs-field">
            <label className="cs-label" htmlFor={id}>
              {text.file}
            </label>
            <input
              accept=".csv,text/csv"
              className="cs-input file:mr-3 file:rounded-md file:border-0 file:bg-accent-soft file:px-3 file:py-1 file:font-[560] file:text-accent"
              id={id}
              onChange={forget}
              ref={input}
              type="file"
            />
          </div>
          {refusal?.kind === 'text' ? <Notice tone="danger">{refusal.text}</Notice> : null}
          {refusal?.kind === 'faults' ? <ImportFaults faults={refusal.faults} /> : null}
        </div>
        <footer className="cs-dialog-footer">
          <Button onClick={onClose}>{messages.cancel}</Button>
          <Button busy={busy} tone="primary" type="submit">
            {busy ? text.busy : text.submit}
          </Button>
        </footer>
      </form>
    </ModalDialog>
  );
}

function useImport(onImported: ImportDialogProps['onImported']) {
  const [refusal, setRefusal] = useState<Refusal | null>(null);
  const [busy, setBusy] = useState(false);
  const input = useRef<HTMLInputElement>(null);

  const send = async (file: File) => {
    setBusy(true);
    setRefusal(null);
    try {
      onImported(await importRecords(file));
    } catch (cause) {
      setRefusal(refusalOf(cause));
    } finally {
      setBusy(false);
    }
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (busy) return;
    const file = input.current?.files?.[0];
    if (file !== undefined) return void send(file);
    setRefusal({ kind: 'text', text: recordsMessages.import.fileMissing });
    input.current?.focus();
  };
  return { input, refusal, busy, submit, forget: () => setRefusal(null) };
}

function refusalOf(cause: unknown): Refusal {
  const text = recordsMessages.import;
  if (!(cause instanceof CountersignError)) return { kind: 'text', text: explainError(cause) };
  const faults = cause.problem?.errors ?? [];
  if (faults.length > 0) return { kind: 'faults', faults };
  switch (cause.code) {
    case 'payload_too_large':
      return { kind: 'text', text: text.tooLarge };
    case 'malformed':
    case 'media_type_unsupported':
    case 'parameters_invalid':
      return { kind: 'text', text: text.notCsv };
    case 'conflict':
      return { kind: 'text', text: text.conflict };
    default:
      return { kind: 'text', text: explainError(cause) };
  }
}
