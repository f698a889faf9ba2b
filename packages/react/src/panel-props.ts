import type { Challenge, StepUpMethod, StepUpVerifyRequest } from '@countersign/server/contract';
import type { ReactNode } from 'react';
import type { BegunStepUp } from './create-client.ts';
import type { CountersignMessages } from './messages.ts';

/** What one way of confirming is given by the dialog it is shown in. */
export interface PanelProps {
  readonly challenge: Challenge;
  readonly messages: CountersignMessages;
  /** "Try another way". */
  readonly others: ReactNode;
  /** Prepares a method; rejects with `CountersignError`. */
  readonly onBegin: <M extends StepUpMethod>(method: M) => Promise<BegunStepUp<M>>;
  /** Verifies an answer; rejects with `CountersignError` when it was not accepted. */
  readonly onVerify: (answer: StepUpVerifyRequest) => Promise<void>;
  /**
   * Remembers what is needed and leaves for the identity provider; absent where nothing would be
   * remembered. May throw when the browser's storage is full.
   */
  readonly onRedirect?: (begun: BegunStepUp<'idp'>) => void;
  /** Called when this way cannot be used here, to offer the others. */
  readonly onUnavailable: () => void;
  readonly onCancel: () => void;
}
