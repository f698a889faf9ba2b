import { CodeField, CountersignError, isCompleteCode } from '@countersign/react';
import { type ReactNode, useState } from 'react';
import { confirmEmailChange, type EmailStarted } from '../api-account.ts';
import { Button } from '../components/Button.tsx';
import { DialogForm } from '../components/DialogForm.tsx';
import { formatTime } from '../dates.ts';
import { explainError } from '../explain-error.ts';
import { accountMessages } from '../messages-account.ts';
import { useAction } from '../use-action.ts';
import { useFaults } from '../use-faults.ts';

export interface EmailCodeFormProps {
  readonly started: EmailStarted;
  readonly onChanged: (email: string) => void;
  readonly onStartAgain: () => void;
  readonly onCancel: () => void;
}

/** The code from the new mailbox: only with it does the address change. */
export function EmailCodeForm(props: EmailCodeFormProps): ReactNode {
  const { started, onChanged, onStartAgain, onCancel } = props;
  const text = accountMessages.changeEmail;
  const [code, setCode] = useState('');
  const { form, faults, report } = useFaults<'code'>();
  const action = useAction(async () => {
    try {
      onChanged(await confirmEmailChange(code));
    } catch (cause) {
      if (!(cause instanceof CountersignError) || cause.code !== 'code_rejected') throw cause;
      report({ code: text.codeRefused });
    }
  });
  const submit = () => {
    action.forget();
    if (!report(isCompleteCode(code) ? {} : { code: text.codeMissing })) action.run();
  };
  return (
    <DialogForm
      busy={action.busy}
      error={action.error === null ? null : explainError(action.error, { conflict: text.taken })}
      onCancel={onCancel}
      onSubmit={submit}
      ref={form}
      submitLabel={text.confirm}
    >
      <p className="text-ink-2 [overflow-wrap:anywhere]">
        {text.codeIntro(started.sentTo, formatTime(started.expiresAt))}
      </p>
      <CodeField
        autoFocus
        error={faults.code ?? null}
        label={text.code}
        onChange={setCode}
        value={code}
      />
      <Button className="justify-self-start px-0!" onClick={onStartAgain} tone="quiet">
        {text.startAgain}
      </Button>
    </DialogForm>
  );
}
