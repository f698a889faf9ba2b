import type { Grant } from '@countersign/server/contract';
import { lazy, type ReactNode, Suspense } from 'react';
import { useCountersign } from './context.ts';
import { CountersignError } from './countersign-error.ts';
import type { CountersignMessages } from './messages.ts';
import type { ConfirmReason, ConfirmRequest } from './protected-call.ts';

/** One confirmation somebody waits for. */
export interface StepUpTicket {
  readonly id: number;
  readonly operation: string;
  readonly request: ConfirmRequest;
  readonly grant: Promise<Grant>;
  settle(grant: Grant): void;
  fail(error: CountersignError): void;
}

const StepUpDialog = lazy(async () => {
  const module = await import('./StepUpDialog.tsx');
  return { default: module.StepUpDialog };
});

/**
 * Fetches the dialog's code ahead of showing it, so that a failure refuses one call, not the page.
 * @throws {CountersignError} `network`
 */
export async function loadStepUpDialog(): Promise<void> {
  try {
    await import('./StepUpDialog.tsx');
  } catch (cause) {
    throw new CountersignError('network', { cause });
  }
}

/** Shows the dialog for one ticket and settles it. */
export function StepUpHost({ ticket }: { readonly ticket: StepUpTicket }): ReactNode {
  const { client, messages, sessionState } = useCountersign();
  const { challenge, reason } = ticket.request;
  const tenantName = sessionState.session?.tenant?.name;
  const notice = noticeOf(reason, messages);
  return (
    <Suspense fallback={null}>
      <StepUpDialog
        challenge={challenge}
        messages={messages}
        {...(tenantName === undefined ? {} : { tenantName })}
        {...(notice === null ? {} : { notice })}
        onCancel={() => ticket.fail(new CountersignError('cancelled'))}
        onVerify={async (code) => {
          try {
            ticket.settle(await client.verifyStepUp(challenge.id, 'totp', code));
          } catch (error) {
            // Without a session there is nothing left to confirm: the call itself is refused.
            if (endsTheSession(error)) ticket.fail(error);
            throw error;
          }
        }}
      />
    </Suspense>
  );
}

function noticeOf(reason: ConfirmReason, messages: CountersignMessages): string | null {
  switch (reason) {
    case 'grant_expired':
    case 'grant_unknown':
      return messages.grantExpired;
    case 'grant_mismatch':
      return messages.grantMismatch;
    case 'step_up_required':
      return null;
  }
}

function endsTheSession(error: unknown): error is CountersignError {
  if (!(error instanceof CountersignError)) return false;
  return error.code === 'session_required' || error.code === 'challenge_required';
}
