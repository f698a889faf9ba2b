import { CountersignError, isCompleteCode, useSession } from '@countersign/react';
import { type FormEvent, type RefObject, useRef, useState } from 'react';
import { client } from '../client.ts';
import { formatTime } from '../dates.ts';
import { enrolmentMessages } from '../messages-enrolment.ts';
import { type Action, useAction } from '../use-action.ts';
import { type FormFaults, useFaults } from '../use-faults.ts';

interface Sent {
  /** What to say of it; empty when the person says that they have a code. */
  readonly text: string;
  /** When another may be sent, in milliseconds since the epoch. */
  readonly resendAtMs: number;
}

export interface AddressCode extends Pick<FormFaults<'code'>, 'form' | 'faults'> {
  readonly code: string;
  readonly setCode: (code: string) => void;
  readonly input: RefObject<HTMLInputElement | null>;
  /** Null before a code was sent. */
  readonly sent: Sent | null;
  readonly sending: Action<[]>;
  readonly verifying: Action<[]>;
  readonly skip: () => void;
  readonly submit: (event: FormEvent) => void;
}

/** The code that proves the address: sent, typed, sent again; proved, the session says so. */
export function useAddressCode(): AddressCode {
  const text = enrolmentMessages.code;
  const { refresh } = useSession();
  const [code, setCode] = useState('');
  const [sent, setSent] = useState<Sent | null>(null);
  const { form, faults, report } = useFaults<'code'>();
  const input = useRef<HTMLInputElement>(null);

  const sending = useAction(async () => {
    const { sentTo, expiresAt, resendAfterSeconds } = await client.sendAddressCode();
    const isAnother = sent !== null && sent.text !== '';
    setSent({
      text: isAnother ? text.sentAgain : text.sent(sentTo, formatTime(expiresAt)),
      resendAtMs: Date.now() + resendAfterSeconds * 1000,
    });
    setCode('');
    report({});
    verifying.forget();
    input.current?.focus();
  });
  const verifying = useAction(async () => {
    try {
      await client.proveAddress(code);
      await refresh();
    } catch (cause) {
      if (!(cause instanceof CountersignError) || cause.code !== 'code_rejected') throw cause;
      report({ code: text.refused });
    }
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (sent === null) return sending.run();
    verifying.forget();
    if (!report(isCompleteCode(code) ? {} : { code: text.missing })) verifying.run();
  };
  const skip = () => {
    sending.forget();
    setSent({ text: '', resendAtMs: 0 });
  };
  return { code, setCode, input, sent, sending, verifying, skip, submit, form, faults };
}
