import type { FormEvent, ReactNode } from 'react';
import type { PanelProps } from './panel-props.ts';
import { useOpeningFocus } from './use-opening-focus.ts';

export interface PanelFrameProps
  extends Pick<PanelProps, 'challenge' | 'messages' | 'others' | 'onCancel'> {
  readonly children: ReactNode;
  /** What the main button says; null when there is nothing to press. */
  readonly action: string | null;
  readonly onSubmit: () => void;
  /** Said to screen readers; empty while nothing is under way. */
  readonly status: string;
  readonly isDisabled: boolean;
  /** Whether the main button is what the person came for, rather than a field. */
  readonly isActionFirst?: boolean;
  /** The element that says what the main button leads to. */
  readonly actionHintId?: string;
}

/** The frame of every way of confirming: its own part, the other ways, Cancel and the main button. */
export function PanelFrame(props: PanelFrameProps): ReactNode {
  const { challenge, messages, others, onCancel, children, action, onSubmit, status } = props;
  const main = useOpeningFocus<HTMLButtonElement>(props.isActionFirst === true);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    onSubmit();
  };
  return (
    <form noValidate onSubmit={submit}>
      <div className="cs-dialog-body cs-panel">
        {children}
        {others}
      </div>
      <footer className="cs-dialog-footer">
        <button className="cs-button" onClick={onCancel} type="button">
          {messages.cancel}
        </button>
        {action === null ? null : (
          <button
            aria-describedby={props.actionHintId}
            aria-disabled={props.isDisabled}
            className={`cs-button ${challenge.display.irreversible ? 'cs-danger' : 'cs-primary'}`}
            ref={main}
            type="submit"
          >
            {action}
          </button>
        )}
        <span className="cs-sr-only" role="status">
          {status}
        </span>
      </footer>
    </form>
  );
}
