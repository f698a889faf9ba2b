import type { Challenge } from '@countersign/server/contract';
import { type FormEvent, type ReactNode, useId, useRef, useState } from 'react';
import { Dialog, Heading } from 'react-aria-components/Dialog';
import { Modal, ModalOverlay } from 'react-aria-components/Modal';
import { CodeField } from './CodeField.tsx';
import { CountersignError, retryAfterSeconds } from './countersign-error.ts';
import { explainVerifyError } from './explain-verify-error.ts';
import { type CountersignMessages, englishMessages } from './messages.ts';
import { isCompleteCode } from './normalize-code.ts';
import { StepUpFacts } from './StepUpFacts.tsx';
import { useWait } from './use-wait.ts';

export interface StepUpDialogProps {
  readonly challenge: Challenge;
  /** Verifies the code; rejects with `CountersignError` when it was not accepted. */
  readonly onVerify: (code: string) => Promise<void>;
  readonly onCancel: () => void;
  readonly tenantName?: string;
  /** Why the person is asked again. */
  readonly notice?: string;
  readonly messages?: CountersignMessages;
}

/**
 * The moment of confirmation: what will happen, to what, whether it can be undone, and one code.
 * Escape and Cancel do nothing but close it; focus returns to where it was.
 */
export function StepUpDialog(props: StepUpDialogProps): ReactNode {
  const { challenge, onCancel, tenantName, notice, messages = englishMessages } = props;
  const factsId = useId();
  const { display } = challenge;
  const form = useVerifyForm(props, messages);
  return (
    <ModalOverlay
      className="cs-overlay"
      isOpen
      onOpenChange={(isOpen) => {
        if (!isOpen) onCancel();
      }}
    >
      <Modal className="cs-modal">
        <Dialog aria-describedby={factsId} className="cs-dialog">
          <form noValidate onSubmit={form.submit}>
            <header className="cs-dialog-header">
              <Heading className="cs-dialog-title" slot="title">
                {display.title}
              </Heading>
              <p>{messages.confirmIntro}</p>
            </header>
            <div className="cs-dialog-body">
              {notice === undefined ? null : (
                <p className="cs-notice" role="status">
                  {notice}
                </p>
              )}
              <StepUpFacts
                display={display}
                id={factsId}
                messages={messages}
                {...(tenantName === undefined ? {} : { tenantName })}
              />
              <CodeField
                autoFocus
                error={form.error}
                hint={messages.codeHint}
                label={messages.codeLabel}
                onChange={form.setCode}
                ref={form.input}
                value={form.code}
              />
            </div>
            <footer className="cs-dialog-footer">
              <button className="cs-button" onClick={onCancel} type="button">
                {messages.cancel}
              </button>
              <button
                aria-disabled={form.busy || form.waiting}
                className={`cs-button ${display.irreversible ? 'cs-danger' : 'cs-primary'}`}
                type="submit"
              >
                {display.action}
              </button>
              <span className="cs-sr-only" role="status">
                {form.busy ? messages.working : ''}
              </span>
            </footer>
          </form>
        </Dialog>
      </Modal>
    </ModalOverlay>
  );
}

function useVerifyForm({ onVerify }: StepUpDialogProps, messages: CountersignMessages) {
  const [code, setCode] = useState('');
  const [error, setError] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const wait = useWait();
  const input = useRef<HTMLInputElement>(null);

  const refuse = (message: string) => {
    setError(message);
    input.current?.focus();
    input.current?.select();
  };

  const verify = async () => {
    setError(null);
    setBusy(true);
    try {
      await onVerify(code);
    } catch (cause) {
      refuse(explainVerifyError(cause, messages));
      if (!(cause instanceof CountersignError) || cause.code !== 'too_many_attempts') return;
      wait.start(retryAfterSeconds(cause) ?? 30, () => setError(messages.tooManyAttemptsOver));
    } finally {
      setBusy(false);
    }
  };

  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (busy || wait.waiting) return;
    if (!isCompleteCode(code)) {
      refuse(messages.codeMissing);
      return;
    }
    void verify();
  };

  return { code, setCode, error, busy, waiting: wait.waiting, input, submit };
}
