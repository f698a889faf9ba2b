import { mfaRequirementSchema } from '@countersign/server/contract';
import type { ReactNode } from 'react';
import { CardSection } from '../components/CardSection.tsx';
import { ChoiceField } from '../components/ChoiceField.tsx';
import { DayField } from '../components/DayField.tsx';
import { TextField } from '../components/TextField.tsx';
import { mfaPolicyMessages } from '../messages-policy-mfa.ts';
import type { Faults } from '../use-faults.ts';
import { MfaPreviewPanel } from './MfaPreviewPanel.tsx';
import type { MfaField, MfaForm } from './mfa-form.ts';
import type { MfaPreview } from './use-mfa-preview.ts';

export interface MfaFieldsProps {
  readonly form: MfaForm;
  readonly faults: Faults<MfaField>;
  readonly preview: MfaPreview;
  readonly onChange: (changed: Partial<MfaForm>) => void;
}

const choices = mfaRequirementSchema.options.map((value) => ({
  value,
  ...mfaPolicyMessages.requirements[value],
}));

/** Who must have what, from when, and whom that affects. */
export function MfaFields({ form, faults, preview, onChange }: MfaFieldsProps): ReactNode {
  const text = mfaPolicyMessages;
  return (
    <CardSection title={text.title}>
      <div className="grid gap-5 border-line border-t px-5 py-5">
        <div className="grid items-start gap-5 md:grid-cols-2">
          <ChoiceField
            choices={choices}
            label={text.everyone}
            onChange={(everyone) => onChange({ everyone })}
            value={form.everyone}
          />
          <div className="grid content-start gap-2">
            <ChoiceField
              choices={choices}
              label={text.administrators}
              onChange={(administrators) => onChange({ administrators })}
              value={form.administrators}
            />
            <p className="text-ink-3 text-sm">{text.administratorsHint}</p>
          </div>
        </div>
        <div className="grid gap-5 md:grid-cols-2">
          <DayField
            error={faults.from ?? null}
            hint={text.fromHint}
            label={text.from}
            onChange={(from) => onChange({ from })}
            value={form.from}
          />
          <TextField
            autoComplete="off"
            className="content-start"
            error={faults.graceDays ?? null}
            hint={text.graceHint}
            inputMode="numeric"
            label={text.graceDays}
            onChange={(graceDays) => onChange({ graceDays })}
            value={form.graceDays}
          />
        </div>
        <MfaPreviewPanel preview={preview} />
      </div>
    </CardSection>
  );
}
