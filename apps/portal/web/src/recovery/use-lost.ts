import { CountersignError } from '@countersign/react';
import type { AddressCodeSent, Recovery } from '@countersign/server/contract';
import { useState } from 'react';
import { sendRecoveryCode } from '../api-recovery.ts';
import { recoveryMessages } from '../messages-recovery.ts';
import { type FormFaults, useFaults } from '../use-faults.ts';

export interface Lost extends Pick<FormFaults<'lost' | 'password'>, 'form' | 'faults'> {
  /** Ids of what is lost. */
  readonly chosen: readonly string[];
  readonly choose: (chosen: readonly string[]) => void;
  readonly password: string;
  readonly setPassword: (password: string) => void;
  /** Says what is missing; true when nothing is. */
  readonly check: () => boolean;
  /** Null when the password was not accepted. @throws {CountersignError} */
  readonly send: () => Promise<AddressCodeSent | null>;
}

/** What is lost, and the password that a code for it is asked for with. */
export function useLost(items: Recovery['items']): Lost {
  const text = recoveryMessages;
  const [only, another] = items;
  const preselected = only !== undefined && another === undefined ? [only.id] : [];
  const [chosen, setChosen] = useState<readonly string[]>(preselected);
  const [password, setPassword] = useState('');
  const { form, faults, report } = useFaults<'lost' | 'password'>();
  const check = () =>
    !report({
      ...(chosen.length > 0 ? {} : { lost: text.missing }),
      ...(password === '' ? { password: text.passwordMissing } : {}),
    });
  const send = async () => {
    try {
      return await sendRecoveryCode(chosen, password);
    } catch (cause) {
      if (!(cause instanceof CountersignError) || cause.code !== 'password_rejected') throw cause;
      report({ password: text.passwordRefused });
      return null;
    }
  };
  const choose = (now: readonly string[]) => {
    setChosen(now);
    report({});
  };
  return { chosen, choose, password, setPassword, check, send, form, faults };
}
