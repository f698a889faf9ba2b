import { Component, type ReactNode } from 'react';
import { messages } from '../messages.ts';

export interface ErrorBoundaryProps {
  readonly children: ReactNode;
}

interface ErrorBoundaryState {
  readonly failed: boolean;
}

/** The last resort: a page that could not be drawn, or whose code could not be fetched. */
export class ErrorBoundary extends Component<ErrorBoundaryProps, ErrorBoundaryState> {
  override state: ErrorBoundaryState = { failed: false };

  static getDerivedStateFromError(): ErrorBoundaryState {
    return { failed: true };
  }

  override render(): ReactNode {
    if (!this.state.failed) return this.props.children;
    return (
      <main className="mx-auto grid max-w-xl justify-items-start gap-4 px-4 py-16">
        <h1 className="font-[640] text-2xl">{messages.product}</h1>
        <p role="alert">{messages.errors.page}</p>
        <button className="cs-button" onClick={() => window.location.reload()} type="button">
          {messages.errors.reload}
        </button>
      </main>
    );
  }
}
