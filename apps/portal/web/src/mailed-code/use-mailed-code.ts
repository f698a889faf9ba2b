import { CountersignError, isCompleteCode } from '@countersign/react';
import type { AddressCodeSent } from '@countersign/server/contract';
import { type FormEvent, type RefObject, useRef, useState } from 'react';
import { formatTime } from '../dates.ts';
import { mailedCodeMessages } from '../messages-mailed-code.ts';
import { type Action, useAction } from '../use-action.ts';
import { type FormFaults, useFaults } from '../use-faults.ts';

export interface MailedCodeOptions {
  /** Has a code mailed; null when that was refused, and the screen that asks for it says why. */
  readonly send: () => Promise<AddressCodeSent | null>;
  /** @throws {CountersignError} `code_rejected` and others */
  readonly take: (code: string) => Promise<void>;
}

export interface MailedCode extends Pick<FormFaults<'code'>, 'form' | 'faults'> {
  readonly code: string;
  readonly setCode: (code: string) => void;
  readonly input: RefObject<HTMLInputElement | null>;
  /**
   * What to say of the code that was sent, empty for one the person has already, and when another may
   * be, in milliseconds since the epoch; null before.
   */
  readonly sent: { readonly text: string; readonly resendAtMs: number } | null;
  readonly sending: Action<[]>;
  readonly taking: Action<[]>;
  /** For whoever has a code already. */
  readonly skip: () => void;
  /** Back to before a code was sent. */
  readonly restart: () => void;
  readonly submit: (event: FormEvent) => void;
}

/** A code that is mailed, typed, and sent again. */
export function useMailedCode({ send, take }: MailedCodeOptions): MailedCode {
  const text = mailedCodeMessages;
  const [code, setCode] = useState('');
  const [sent, setSent] = useState<MailedCode['sent']>(null);
  const { form, faults, report } = useFaults<'code'>();
  const input = useRef<HTMLInputElement>(null);

  const begin = (now: MailedCode['sent']) => {
    setSent(now);
    setCode('');
    report({});
    sending.forget();
    taking.forget();
  };
  const sending = useAction(async () => {
    const answer = await send();
    if (answer === null) return begin(null);
    const isAnother = sent !== null && sent.text !== '';
    begin({
      text: isAnother ? text.sentAgain : text.sent(answer.sentTo, formatTime(answer.expiresAt)),
      resendAtMs: Date.now() + answer.resendAfterSeconds * 1000,
    });
    input.current?.focus();
  });
  const taking = useAction(async () => {
    try {
      await take(code);
    } catch (cause) {
      if (!(cause instanceof CountersignError) || cause.code !== 'code_rejected') throw cause;
      report({ code: text.refused });
    }
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    sending.forget();
    taking.forget();
    if (!report(isCompleteCode(code) ? {} : { code: text.missing })) taking.run();
  };
  return {
    code,
    setCode,
    input,
    sent,
    sending,
    taking,
    skip: () => begin({ text: '', resendAtMs: 0 }),
    restart: () => begin(null),
    submit,
    form,
    faults,
  };
}
