import type { StepUpMethod } from '@countersign/server/contract';
import { type ReactNode, useId } from 'react';
import type { CountersignMessages } from './messages.ts';

export interface MethodListProps {
  /** The other ways, best first. */
  readonly methods: readonly StepUpMethod[];
  readonly isListed: boolean;
  readonly onToggle: () => void;
  readonly onChoose: (method: StepUpMethod) => void;
  readonly messages: CountersignMessages;
}

/** "Try another way": closed, it names the other ways; open, each is a button. */
export function MethodList(props: MethodListProps): ReactNode {
  const { methods, isListed, onToggle, onChoose, messages } = props;
  const id = useId();
  if (methods.length === 0) return null;
  const names = methods.map((method) => messages.methodNames[method]);
  return (
    <div className="cs-methods">
      <p className="cs-hint">
        <button
          aria-controls={id}
          aria-expanded={isListed}
          className="cs-link"
          onClick={onToggle}
          type="button"
        >
          {messages.tryAnotherWay}
        </button>
        {isListed ? null : <span className="cs-method-names">{names.join(', ')}</span>}
      </p>
      <ul hidden={!isListed} id={id}>
        {methods.map((method) => (
          <li key={method}>
            <button className="cs-button" onClick={() => onChoose(method)} type="button">
              {messages.methodNames[method]}
            </button>
          </li>
        ))}
      </ul>
    </div>
  );
}
