import { type ReactNode, useId } from 'react';
import type { CountersignMessages } from './messages.ts';
import { PanelError } from './PanelError.tsx';
import { PanelFrame } from './PanelFrame.tsx';
import type { PanelProps } from './panel-props.ts';
import { type ProviderStage, useProviderJourney } from './use-provider-journey.ts';

/** Confirming at the organisation's identity provider, in a window of its own. */
export function ProviderPanel(props: PanelProps): ReactNode {
  const { messages } = props;
  const hintId = useId();
  const { attempt, stage, start } = useProviderJourney(props);
  const isLeaving = stage === 'leaving';
  return (
    <PanelFrame
      {...props}
      action={stage === 'away' ? messages.providerAgain : messages.providerAction}
      actionHintId={hintId}
      isActionFirst
      isDisabled={attempt.busy || attempt.waiting || isLeaving}
      onSubmit={start}
      status={attempt.busy ? messages.working : ''}
    >
      <div className="cs-field">
        <p className="cs-label">{messages.methodNames.idp}</p>
        <p className="cs-hint" id={hintId} role="status">
          {hintOf(stage, messages)}
        </p>
        <PanelError isCalm={attempt.error === messages.providerClosed} text={attempt.error} />
      </div>
    </PanelFrame>
  );
}

function hintOf(stage: ProviderStage, messages: CountersignMessages): string {
  switch (stage) {
    case 'here':
      return messages.providerHint;
    case 'away':
      return messages.providerWaiting;
    case 'leaving':
      return messages.providerLeaving;
  }
}
