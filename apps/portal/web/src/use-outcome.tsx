import { type ReactNode, useState } from 'react';
import { type Outcome, ReceiptPanel } from './components/ReceiptPanel.tsx';

export interface OutcomeState {
  /** The receipt of the last operation; null before it and once it is closed. */
  readonly panel: ReactNode;
  show(outcome: Outcome): void;
  dismiss(): void;
}

/** Keeps what the last operation on a screen left to tell. */
export function useOutcome(): OutcomeState {
  const [outcome, setOutcome] = useState<Outcome | null>(null);
  const panel =
    outcome === null ? null : (
      <ReceiptPanel key={outcome.receipt.id} onDismiss={() => setOutcome(null)} outcome={outcome} />
    );
  return { panel, show: setOutcome, dismiss: () => setOutcome(null) };
}
