import { type ReactNode, useEffect, useRef, useState } from 'react';
import { useCountersign } from './context.ts';
import { isSessionLost } from './countersign-error.ts';
import { explainVerifyError } from './explain-verify-error.ts';
import { type FinishedRedirect, finishRedirect } from './finish-redirect.ts';
import { type CountersignMessages, completeMessages } from './messages.ts';
import { isChallengeOver } from './protected-call.ts';
import { announceReturn, STEP_UP_CHANNEL } from './step-up-channel.ts';

export interface StepUpReturnProps {
  /** Goes to a path of this origin; a full navigation by default. */
  readonly onNavigate?: (path: string) => void;
}

type Outcome = FinishedRedirect | { readonly kind: 'working' } | { readonly kind: 'handed-over' };

/**
 * The page at `/step-up/return` and at every path one below it, where identity providers send people
 * back to, each to its own. In a window of its own it hands the answer to the page that waits for it and
 * closes; where the page itself was left, it confirms and goes back there. Render it inside the
 * `CountersignProvider`.
 * @throws {Error} outside a `CountersignProvider`
 */
export function StepUpReturn({ onNavigate = leaveFor }: StepUpReturnProps): ReactNode {
  const messages = completeMessages(useCountersign().messages);
  const outcome = useReturn(onNavigate);
  const returnTo = 'returnTo' in outcome ? outcome.returnTo : null;
  const goesOn = outcome.kind === 'confirmed' && outcome.goesOn;
  return (
    <div className="cs-return">
      <p role="status">{textOf(outcome, messages)}</p>
      {returnTo === null || goesOn ? null : (
        <button className="cs-button cs-primary" onClick={() => onNavigate(returnTo)} type="button">
          {messages.returnBack}
        </button>
      )}
    </div>
  );
}

function useReturn(onNavigate: (path: string) => void): Outcome {
  const { client, storage, sessionState } = useCountersign();
  const { refresh } = sessionState;
  const [outcome, setOutcome] = useState<Outcome>({ kind: 'working' });
  // An answer works once: development's second run of an effect must not spend it again.
  const isStarted = useRef(false);
  useEffect(() => {
    if (isStarted.current) return;
    isStarted.current = true;
    const returnUrl = takeReturnUrl();
    const ports = { client, storage, origin: globalThis.location.origin, now: () => new Date() };
    void settle(returnUrl, () => finishRedirect(ports, returnUrl)).then((settled) => {
      setOutcome(settled);
      if (settled.kind === 'confirmed') void refresh();
      if (settled.kind === 'handed-over') globalThis.close();
      if (settled.kind === 'confirmed' && settled.goesOn) onNavigate(settled.returnTo);
    });
  }, [client, storage, refresh, onNavigate]);
  return outcome;
}

/** A journey of this tab's own needs no other page, so it does not wait to be claimed by one. */
async function settle(
  returnUrl: string,
  finish: () => Promise<FinishedRedirect>,
): Promise<Outcome> {
  const finished = await finish();
  if (finished.kind !== 'unknown') return finished;
  const channel = new BroadcastChannel(STEP_UP_CHANNEL);
  try {
    const claim = await announceReturn(channel, returnUrl, pause);
    return claim === 'acknowledged' ? { kind: 'handed-over' } : finished;
  } finally {
    channel.close();
  }
}

/** Where the provider sent back to; its answer is taken out of the address, to stay in no history. */
function takeReturnUrl(): string {
  const { href, pathname } = globalThis.location;
  globalThis.history.replaceState(globalThis.history.state, '', pathname);
  return href;
}

function textOf(outcome: Outcome, messages: CountersignMessages): string {
  switch (outcome.kind) {
    case 'working':
      return messages.returnWorking;
    case 'handed-over':
      return messages.returnClose;
    case 'unknown':
      return messages.returnUnclaimed;
    case 'refused':
      return refusalText(outcome.error, messages);
    case 'confirmed':
      if (outcome.goesOn) return messages.returnWorking;
      return messages.returnRepeat(messages.wait(outcome.lifeSeconds));
  }
}

function refusalText(error: unknown, messages: CountersignMessages): string {
  if (isChallengeOver(error)) return messages.returnOver;
  if (isSessionLost(error)) return messages.returnSignedOut;
  return `${explainVerifyError(error, 'idp', messages)} ${messages.returnRefused}`;
}

function leaveFor(path: string): void {
  globalThis.location.replace(path);
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
