import type { Grant } from '@countersign/server/contract';
import type { ReactNode } from 'react';
import { type CountersignContextValue, useCountersign } from './context.ts';
import { CountersignError, isSessionLost } from './countersign-error.ts';
import { type CountersignMessages, completeMessages } from './messages.ts';
import { type ConfirmReason, type ConfirmRequest, isChallengeOver } from './protected-call.ts';
import { StepUpDialog, type StepUpDialogProps } from './StepUpDialog.tsx';
import { type InterruptedCall, storePendingRedirect } from './step-up-redirect.ts';

/** One confirmation somebody waits for. */
export interface StepUpTicket {
  readonly id: number;
  readonly call: InterruptedCall;
  readonly request: ConfirmRequest;
  readonly grant: Promise<Grant>;
  settle(grant: Grant): void;
  fail(error: CountersignError): void;
}

/** Shows the dialog for one ticket and settles it. */
export function StepUpHost({ ticket }: { readonly ticket: StepUpTicket }): ReactNode {
  const context = useCountersign();
  const { client, sessionState } = context;
  const messages = completeMessages(context.messages);
  const { challenge, reason } = ticket.request;
  const tenantName = sessionState.session?.tenant?.name;
  const notice = noticeOf(reason, messages);
  const onRedirect = redirectOf(ticket, context);

  /** Fails the whole call where the dialog could not go on, whatever the person did. */
  const unlessFinal = async <T,>(
    work: () => Promise<T>,
    isFinal: (error: unknown) => error is CountersignError,
  ): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      if (isFinal(error) || isSessionLost(error)) ticket.fail(error);
      throw error;
    }
  };

  return (
    <StepUpDialog
      challenge={challenge}
      messages={messages}
      {...(tenantName === undefined ? {} : { tenantName })}
      {...(notice === null ? {} : { notice })}
      {...(onRedirect === null ? {} : { onRedirect })}
      onBegin={(method) =>
        unlessFinal(() => client.beginStepUp(challenge.id, method), isChallengeGone)
      }
      onCancel={() => ticket.fail(new CountersignError('cancelled'))}
      onVerify={(answer) =>
        unlessFinal(async () => {
          ticket.settle(await client.verifyStepUp(challenge.id, answer));
        }, isChallengeOver)
      }
    />
  );
}

/** How to leave for the identity provider; null where nothing would be remembered. */
function redirectOf(
  { call, request }: StepUpTicket,
  { storage, drafts, sessionState }: CountersignContextValue,
): NonNullable<StepUpDialogProps['onRedirect']> | null {
  if (storage === null) return null;
  return ({ url, state }) => {
    const { pathname, search, hash } = globalThis.location;
    const returnTo = `${pathname}${search}${hash}`;
    storePendingRedirect(storage, { ...call, challengeId: request.challenge.id, state, returnTo });
    const ownerId = sessionState.session?.user?.id;
    if (ownerId !== undefined) drafts.store(storage, { ownerId, now: new Date() });
    globalThis.location.assign(url);
  };
}

function noticeOf(reason: ConfirmReason, messages: CountersignMessages): string | null {
  switch (reason) {
    case 'grant_expired':
    case 'grant_unknown':
      return messages.grantExpired;
    case 'grant_mismatch':
      return messages.grantMismatch;
    case 'challenge_expired':
      return messages.challengeExpired;
    case 'step_up_required':
      return null;
  }
}

// `conflict` is left out: beginning answers with it when a method cannot be used at the moment.
function isChallengeGone(error: unknown): error is CountersignError {
  return isChallengeOver(error) && error.code !== 'conflict';
}
