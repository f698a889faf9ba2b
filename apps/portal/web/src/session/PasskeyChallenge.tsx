import { CountersignError, isCancelled, signWithPasskey } from '@countersign/react';
import { type ReactNode, useEffect, useRef, useState } from 'react';
import { passkeyOptions, verifyPasskey } from '../auth-api.ts';
import { Button } from '../components/Button.tsx';
import { Notice } from '../components/Notice.tsx';
import { explainError } from '../explain-error.ts';
import { challengeMessages } from '../messages-challenge.ts';

export interface PasskeyChallengeProps {
  readonly onVerified: () => void;
  /** The password step is too long ago, or was never taken. */
  readonly onRanOut: () => void;
}

/** One button: the second factor at sign-in, by passkey. */
export function PasskeyChallenge({ onVerified, onRanOut }: PasskeyChallengeProps): ReactNode {
  const text = challengeMessages;
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<string | null>(null);
  const button = useRef<HTMLButtonElement>(null);
  useEffect(() => button.current?.focus(), []);

  const use = async () => {
    setBusy(true);
    setError(null);
    try {
      await verifyPasskey(await signWithPasskey(await passkeyOptions()));
      onVerified();
    } catch (cause) {
      if (refusalOf(cause) === 'INVALID_TWO_FACTOR_COOKIE') return onRanOut();
      setError(explainPasskey(cause));
      button.current?.focus();
    } finally {
      setBusy(false);
    }
  };

  return (
    <div className="mt-5 grid gap-4">
      {error === null ? null : <Notice tone="danger">{error}</Notice>}
      <Button busy={busy} className="w-full" onClick={() => void use()} ref={button} tone="primary">
        {busy ? text.passkeyBusy : text.passkeySubmit}
      </Button>
    </div>
  );
}

// Both forms of refusal, Better Auth's and ours, may say that the passkey was not accepted.
const REFUSED = new Set(['INVALID_CODE', 'INVALID_PASSKEY', 'code_rejected']);

function explainPasskey(cause: unknown): string {
  const text = challengeMessages;
  if (isCancelled(cause)) return text.passkeyCancelled;
  return REFUSED.has(refusalOf(cause) ?? '') ? text.passkeyRefused : explainError(cause);
}

function refusalOf(cause: unknown): string | null {
  if (!(cause instanceof CountersignError)) return null;
  return cause.refusal?.code ?? cause.code;
}
