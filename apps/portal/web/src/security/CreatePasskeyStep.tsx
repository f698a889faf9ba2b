import { createPasskey, isCancelled } from '@countersign/react';
import type { PasskeyBound } from '@countersign/server/contract';
import { type ReactNode, useEffect, useRef, useState } from 'react';
import { bindPasskey, type PasskeyStarted } from '../api-authenticators.ts';
import { Button } from '../components/Button.tsx';
import { Notice } from '../components/Notice.tsx';
import { explainError } from '../explain-error.ts';
import { securityMessages } from '../messages-security.ts';
import { StepLine } from './StepLine.tsx';

export interface CreatePasskeyStepProps {
  readonly started: PasskeyStarted;
  readonly step: number;
  readonly total: number;
  readonly cancel: ReactNode;
  readonly onBound: (bound: PasskeyBound) => void;
}

/** The browser makes the passkey; again, if it was closed or looked away from. */
export function CreatePasskeyStep(props: CreatePasskeyStepProps): ReactNode {
  const { started, step, total, cancel, onBound } = props;
  const text = securityMessages.passkey;
  const [busy, setBusy] = useState(true);
  const [error, setError] = useState<string | null>(null);
  const hasBegun = useRef(false);

  const create = async () => {
    setBusy(true);
    setError(null);
    try {
      onBound(await bindPasskey(started.id, await createPasskey(started.options)));
    } catch (cause) {
      setError(explainCreate(cause));
      setBusy(false);
    }
  };
  // The press of "Continue" is what lets the browser ask; a second press would only be in the way.
  const first = useRef(create);
  useEffect(() => {
    if (hasBegun.current) return;
    hasBegun.current = true;
    void first.current();
  }, []);

  return (
    <>
      <div className="cs-dialog-body">
        <StepLine step={step} total={total} />
        <p className="text-ink-2">{text.createBody}</p>
        <p className="text-ink-3 empty:hidden" role="status">
          {busy ? text.createBusy : ''}
        </p>
        {error === null ? null : <Notice tone="danger">{error}</Notice>}
      </div>
      <footer className="cs-dialog-footer">
        {cancel}
        <Button busy={busy} onClick={() => void create()} tone="primary">
          {text.createAgain}
        </Button>
      </footer>
    </>
  );
}

function explainCreate(cause: unknown): string {
  const text = securityMessages.passkey;
  if (isCancelled(cause)) return text.createCancelled;
  return explainError(cause, {
    conflict: text.conflict,
    code_rejected: text.rejected,
    challenge_expired: securityMessages.enrol.startAgain,
    challenge_unknown: securityMessages.enrol.startAgain,
  });
}
