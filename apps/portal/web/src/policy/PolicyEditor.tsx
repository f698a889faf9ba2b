import { CountersignError, useDraft, useProtected } from '@countersign/react';
import type { PolicyDocument } from '@countersign/server/contract';
import { type FormEvent, type ReactNode, useState } from 'react';
import { changePolicy, type PolicyChanged } from '../api-administration.ts';
import { Button } from '../components/Button.tsx';
import { Notice } from '../components/Notice.tsx';
import { explainError } from '../explain-error.ts';
import { policyMessages } from '../messages-policy.ts';
import { mfaPolicyMessages } from '../messages-policy-mfa.ts';
import { sessionPolicyMessages } from '../messages-policy-sessions.ts';
import { useAction } from '../use-action.ts';
import { useFaults } from '../use-faults.ts';
import { findMfaFaults } from './mfa-form.ts';
import { PolicyFields } from './PolicyFields.tsx';
import {
  checkLines,
  formatPolicy,
  isSamePolicy,
  POLICY_LISTS,
  type PolicyField,
  type PolicyForm,
  parsePolicy,
} from './policy-form.ts';
import { findSessionFaults } from './session-form.ts';
import { useMfaPreview } from './use-mfa-preview.ts';

export interface PolicyEditorProps {
  readonly document: PolicyDocument;
  /** What was saved before is of no more interest. */
  readonly onSaving: () => void;
  readonly onSaved: (changed: PolicyChanged) => void;
  /** Loads what somebody else saved meanwhile. */
  readonly onReload: () => void;
}

interface Draft {
  readonly version: number;
  readonly form: PolicyForm;
}

/** The policy as a form; what is typed stays until it is saved or given up. */
export function PolicyEditor(props: PolicyEditorProps): ReactNode {
  const text = policyMessages;
  const editor = usePolicyEditor(props);
  return (
    <form
      className="grid gap-5"
      method="post"
      noValidate
      onSubmit={editor.submit}
      ref={editor.form}
    >
      <PolicyFields
        faults={editor.faults}
        form={editor.typed}
        issuer={props.document.issuer}
        onChange={editor.setTyped}
        preview={editor.preview}
      />
      {editor.isOutdated ? (
        <Notice tone="danger">
          <div className="grid justify-items-start gap-2">
            <p className="font-[620]">{text.changedTitle}</p>
            <p>{text.changedBody}</p>
            <Button onClick={editor.load}>{text.load}</Button>
          </div>
        </Notice>
      ) : null}
      {editor.error === null ? null : <Notice tone="danger">{editor.error}</Notice>}
      <div className="flex flex-wrap items-center gap-x-3 gap-y-2">
        <Button busy={editor.busy || editor.preview.isDue} tone="primary" type="submit">
          {text.save}
        </Button>
        {editor.isChanged ? (
          <Button onClick={editor.discard} tone="quiet">
            {text.discard}
          </Button>
        ) : null}
        <p className="text-ink-3 text-sm" role="status">
          {editor.isUnchangedSaid && !editor.isChanged ? text.unchanged : ''}
        </p>
      </div>
    </form>
  );
}

function usePolicyEditor({ document, onSaving, onSaved, onReload }: PolicyEditorProps) {
  const { version, policy } = document;
  // With the version it started from: a policy saved by somebody else meanwhile is not overwritten.
  const [draft, setDraft] = useDraft<Draft | null>('policy', null);
  const [isUnchangedSaid, setIsUnchangedSaid] = useState(false);
  const [isOutdated, setIsOutdated] = useState(false);
  const { form, faults, report } = useFaults<PolicyField>();
  const typed = draft?.form ?? formatPolicy(policy);
  const preview = useMfaPreview(typed);
  const isChanged = !isSamePolicy(parsePolicy(typed), policy);

  const saved = (changed: PolicyChanged) => {
    setDraft(null);
    onSaved(changed);
  };
  const save = useProtected('policy.change', changePolicy, { onResumed: saved });
  const action = useAction(async () => {
    setIsOutdated(false);
    onSaving();
    try {
      saved(await save({ version: draft?.version ?? version, policy: parsePolicy(typed) }));
    } catch (cause) {
      if (!(cause instanceof CountersignError) || cause.code !== 'precondition_failed') throw cause;
      setIsOutdated(true);
    }
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    // Nobody saves what they have not been told the consequences of.
    if (preview.isDue) return;
    action.forget();
    setIsUnchangedSaid(!isChanged);
    if (!report(faultsOf(typed)) && isChanged) action.run();
  };
  const discard = () => {
    setDraft(null);
    report({});
    action.forget();
  };
  const load = () => {
    discard();
    setIsOutdated(false);
    onReload();
    // The button that was pressed goes away.
    form.current?.querySelector('input')?.focus();
  };
  const error = action.error === null ? null : explainError(action.error);
  return {
    ...{ form, faults, typed, preview, isChanged, isUnchangedSaid, isOutdated },
    setTyped: (edited: PolicyForm) =>
      setDraft({ version: draft?.version ?? version, form: edited }),
    ...{ busy: action.busy, error, submit, discard, load },
  };
}

function faultsOf(typed: PolicyForm): Partial<Record<PolicyField, string>> {
  return Object.fromEntries([
    ...findMfaFaults(typed).map((name) => [name, mfaPolicyMessages.faults[name]]),
    ...findSessionFaults(typed).map((name) => [name, sessionPolicyMessages.faults[name]]),
    ...POLICY_LISTS.flatMap((name) => {
      const fault = checkLines(typed[name]);
      return fault === null ? [] : [[name, policyMessages[fault]]];
    }),
  ]);
}
