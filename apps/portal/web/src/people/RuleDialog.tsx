import type { MemberItem, MemberMfa } from '@countersign/server/contract';
import { mfaRequirementSchema } from '@countersign/server/contract';
import { type ReactNode, useState } from 'react';
import { ChoiceField } from '../components/ChoiceField.tsx';
import { DayField } from '../components/DayField.tsx';
import { FormDialog } from '../components/FormDialog.tsx';
import { explainError } from '../explain-error.ts';
import { peopleMessages } from '../messages-people.ts';
import { isDay } from '../policy/mfa-form.ts';
import { useAction } from '../use-action.ts';
import { useFaults } from '../use-faults.ts';

export interface RuleDialogProps {
  readonly member: MemberItem;
  readonly onSave: (params: { readonly id: string } & MemberMfa) => Promise<void>;
  readonly onCancel: () => void;
}

/** Asks what one member must sign in with, and from when. */
export function RuleDialog({ member, onSave, onCancel }: RuleDialogProps): ReactNode {
  const text = peopleMessages.rule;
  const { id, name, mfa } = member;
  const [requirement, setRequirement] = useState(mfa?.requirement ?? 'optional');
  const [from, setFrom] = useState(mfa?.from ?? '');
  const { form, faults, report } = useFaults<'from'>();
  const isAsked = requirement !== 'optional';
  const action = useAction(async () =>
    onSave({
      id,
      requirement,
      from: isAsked && from !== '' ? from : null,
      graceDays: isAsked ? (mfa?.graceDays ?? 0) : 0,
    }),
  );
  const submit = () => {
    action.forget();
    const isFaulty = isAsked && from !== '' && !isDay(from);
    if (!report(isFaulty ? { from: text.fromFault } : {})) action.run();
  };
  return (
    <FormDialog
      busy={action.busy}
      error={
        action.error === null ? null : explainError(action.error, { conflict: text.unchanged })
      }
      onCancel={onCancel}
      onSubmit={submit}
      ref={form}
      submitLabel={text.submit}
      title={text.title(name)}
    >
      <p className="text-ink-2">{text.intro(name)}</p>
      <ChoiceField
        choices={mfaRequirementSchema.options.map((value) => ({ value, ...text.choices[value] }))}
        label={text.label}
        onChange={setRequirement}
        value={requirement}
      />
      {isAsked ? (
        <DayField
          error={faults.from ?? null}
          hint={text.fromHint}
          label={text.from}
          onChange={setFrom}
          value={from}
        />
      ) : null}
      {isAsked && member.authenticators === 0 ? (
        <p className="text-ink-2">{text.lacking(name)}</p>
      ) : null}
    </FormDialog>
  );
}
