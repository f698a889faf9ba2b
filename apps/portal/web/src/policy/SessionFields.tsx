import type { ReactNode } from 'react';
import { CardSection } from '../components/CardSection.tsx';
import { TextField } from '../components/TextField.tsx';
import { sessionPolicyMessages } from '../messages-policy-sessions.ts';
import type { Faults } from '../use-faults.ts';
import type { SessionField, SessionForm } from './session-form.ts';

export interface SessionFieldsProps {
  readonly form: SessionForm;
  readonly faults: Faults<SessionField>;
  readonly onChange: (changed: Partial<SessionForm>) => void;
}

/** When sessions end by themselves. */
export function SessionFields({ form, faults, onChange }: SessionFieldsProps): ReactNode {
  const text = sessionPolicyMessages;
  return (
    <CardSection title={text.title}>
      <div className="grid gap-5 border-line border-t px-5 py-5">
        <p className="text-ink-2">{text.intro}</p>
        <div className="grid items-start gap-5 md:grid-cols-2">
          <TextField
            autoComplete="off"
            className="content-start"
            error={faults.inactivityMinutes ?? null}
            hint={text.inactivityHint}
            inputMode="numeric"
            label={text.inactivityMinutes}
            onChange={(inactivityMinutes) => onChange({ inactivityMinutes })}
            value={form.inactivityMinutes}
          />
          <TextField
            autoComplete="off"
            className="content-start"
            error={faults.absoluteHours ?? null}
            hint={text.absoluteHint}
            inputMode="numeric"
            label={text.absoluteHours}
            onChange={(absoluteHours) => onChange({ absoluteHours })}
            value={form.absoluteHours}
          />
        </div>
      </div>
    </CardSection>
  );
}
