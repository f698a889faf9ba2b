import type { ReactNode } from 'react';
import { Link } from 'wouter';
import { CardSection } from '../components/CardSection.tsx';
import { LinesField } from '../components/LinesField.tsx';
import { Notice } from '../components/Notice.tsx';
import { SwitchField } from '../components/SwitchField.tsx';
import { policyMessages } from '../messages-policy.ts';
import type { Faults } from '../use-faults.ts';
import { MfaFields } from './MfaFields.tsx';
import { POLICY_LISTS, type PolicyField, type PolicyForm } from './policy-form.ts';
import { SessionFields } from './SessionFields.tsx';
import type { MfaPreview } from './use-mfa-preview.ts';

export interface PolicyFieldsProps {
  readonly form: PolicyForm;
  readonly issuer: string | null;
  readonly faults: Faults<PolicyField>;
  readonly preview: MfaPreview;
  readonly onChange: (form: PolicyForm) => void;
}

const fields = {
  acrValues: { label: policyMessages.acrValues, hint: policyMessages.acrValuesHint },
  mfaAcr: { label: policyMessages.mfaAcr, hint: policyMessages.mfaAcrHint },
  mfaAmr: { label: policyMessages.mfaAmr, hint: policyMessages.mfaAmrHint },
} as const;

/** Everything a policy says, as it can be changed. */
export function PolicyFields(props: PolicyFieldsProps): ReactNode {
  const { form, issuer, faults, preview, onChange } = props;
  const text = policyMessages;
  return (
    <>
      <MfaFields
        faults={faults}
        form={form}
        onChange={(changed) => onChange({ ...form, ...changed })}
        preview={preview}
      />
      <SessionFields
        faults={faults}
        form={form}
        onChange={(changed) => onChange({ ...form, ...changed })}
      />
      <CardSection title={text.baseline}>
        <div className="grid gap-4 border-line border-t px-5 py-5">
          <SwitchField
            hint={text.baselineHint}
            isOn={form.emailBaseline}
            label={text.baselineSwitch}
            onChange={(emailBaseline) => onChange({ ...form, emailBaseline })}
          />
          <Notice tone="warn">{text.baselineWarning}</Notice>
        </div>
      </CardSection>
      <CardSection title={text.provider}>
        <div className="grid gap-5 border-line border-t px-5 py-5">
          <dl className="grid gap-0.5">
            <dt className="font-[560]">{text.issuer}</dt>
            <dd className="text-ink-2 [overflow-wrap:anywhere]">
              {issuer === null ? text.noIssuer : <code className="font-mono">{issuer}</code>}{' '}
              <Link className="text-link" href="/admin/identity-provider">
                {text.providerLink}
              </Link>
            </dd>
          </dl>
          {POLICY_LISTS.map((name) => {
            const fault = faults[name];
            return (
              <LinesField
                {...fields[name]}
                error={fault ?? null}
                key={name}
                onChange={(value) => onChange({ ...form, [name]: value })}
                value={form[name]}
              />
            );
          })}
        </div>
      </CardSection>
    </>
  );
}
