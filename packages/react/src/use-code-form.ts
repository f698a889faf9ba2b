import { type RefObject, useRef, useState } from 'react';
import { explainVerifyError } from './explain-verify-error.ts';
import { isCompleteCode } from './normalize-code.ts';
import type { PanelProps } from './panel-props.ts';
import { type Attempt, useAttempt } from './use-attempt.ts';

export interface CodeForm {
  readonly code: string;
  readonly setCode: (code: string) => void;
  readonly input: RefObject<HTMLInputElement | null>;
  readonly attempt: Attempt;
  readonly submit: () => void;
}

/** A typed code and its verification; a refusal brings the focus back and selects what was typed. */
export function useCodeForm(
  method: 'totp' | 'email',
  { messages, onVerify }: Pick<PanelProps, 'messages' | 'onVerify'>,
): CodeForm {
  const [code, setCode] = useState('');
  const input = useRef<HTMLInputElement>(null);
  const attempt = useAttempt({
    overText: messages.tooManyAttemptsOver,
    onRefused: () => {
      input.current?.focus();
      input.current?.select();
    },
  });
  const missing = method === 'totp' ? messages.codeMissing : messages.emailCodeMissing;
  const submit = () => {
    if (attempt.busy || attempt.waiting) return;
    if (!isCompleteCode(code)) return attempt.refuse(missing);
    attempt.run(
      () => onVerify({ method, code }),
      (cause) => explainVerifyError(cause, method, messages),
    );
  };
  return { code, setCode, input, attempt, submit };
}
