import { CountersignError, isCompleteCode } from '@countersign/react';
import type { Recovery } from '@countersign/server/contract';
import { type FormEvent, type RefObject, useRef, useState } from 'react';
import { recover, sendRecoveryCode } from '../api-recovery.ts';
import { formatTime } from '../dates.ts';
import { recoveryMessages } from '../messages-recovery.ts';
import { type Action, useAction } from '../use-action.ts';
import { type FormFaults, useFaults } from '../use-faults.ts';

export interface Recover extends Pick<FormFaults<'lost' | 'password' | 'code'>, 'form' | 'faults'> {
  readonly lost: readonly string[];
  readonly choose: (lost: readonly string[]) => void;
  readonly password: string;
  readonly setPassword: (password: string) => void;
  readonly code: string;
  readonly setCode: (code: string) => void;
  readonly input: RefObject<HTMLInputElement | null>;
  /** What to say of the code that was sent, and when another may be; null before. */
  readonly sent: { readonly text: string; readonly resendAtMs: number } | null;
  readonly sending: Action<[]>;
  readonly recovering: Action<[]>;
  readonly chooseAgain: () => void;
  readonly submit: (event: FormEvent) => void;
}

/** First what is lost, then the code that was mailed for exactly that. */
export function useRecover(items: Recovery['items'], onDone: () => Promise<void>): Recover {
  const text = recoveryMessages;
  const [only, another] = items;
  const preselected = only !== undefined && another === undefined ? [only.id] : [];
  const [lost, setLost] = useState<readonly string[]>(preselected);
  const [password, setPassword] = useState('');
  const [code, setCode] = useState('');
  const [sent, setSent] = useState<Recover['sent']>(null);
  const { form, faults, report } = useFaults<'lost' | 'password' | 'code'>();
  const input = useRef<HTMLInputElement>(null);

  const sending = useAction(async () => {
    const answer = await sendRecoveryCode(lost, password).catch((cause: unknown) => {
      if (!(cause instanceof CountersignError) || cause.code !== 'password_rejected') throw cause;
      report({ password: text.passwordRefused });
      return null;
    });
    if (answer === null) return;
    const { sentTo, expiresAt, resendAfterSeconds } = answer;
    setSent({
      text: sent === null ? text.sent(sentTo, formatTime(expiresAt)) : text.sentAgain,
      resendAtMs: Date.now() + resendAfterSeconds * 1000,
    });
    setCode('');
    report({});
    recovering.forget();
    input.current?.focus();
  });
  const recovering = useAction(async () => {
    try {
      await recover(lost, code);
      await onDone();
    } catch (cause) {
      if (!(cause instanceof CountersignError) || cause.code !== 'code_rejected') throw cause;
      report({ code: text.refused });
    }
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    sending.forget();
    recovering.forget();
    if (sent === null) {
      if (!report(faultsOf(lost, password))) sending.run();
      return;
    }
    if (!report(isCompleteCode(code) ? {} : { code: text.codeMissing })) recovering.run();
  };
  const choose = (chosen: readonly string[]) => {
    setLost(chosen);
    sending.forget();
    recovering.forget();
    report({});
  };
  return {
    lost,
    choose,
    password,
    setPassword,
    code,
    setCode,
    input,
    sent,
    sending,
    recovering,
    chooseAgain: () => {
      setSent(null);
      choose(lost);
    },
    submit,
    form,
    faults,
  };
}

function faultsOf(lost: readonly string[], password: string) {
  return {
    ...(lost.length > 0 ? {} : { lost: recoveryMessages.missing }),
    ...(password === '' ? { password: recoveryMessages.passwordMissing } : {}),
  };
}
