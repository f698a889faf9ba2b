import type { StepUpMethod } from '@countersign/server/contract';
import { type ReactNode, useCallback, useId, useReducer, useState } from 'react';
import { Dialog, Heading } from 'react-aria-components/Dialog';
import { Modal, ModalOverlay } from 'react-aria-components/Modal';
import { chooseMethod, firstChoice, otherMethods } from './choose-method.ts';
import { EmailPanel, type SentCode } from './EmailPanel.tsx';
import { MethodList } from './MethodList.tsx';
import { type CountersignMessages, englishMessages } from './messages.ts';
import { PanelFrame } from './PanelFrame.tsx';
import { PasskeyPanel } from './PasskeyPanel.tsx';
import { ProviderPanel } from './ProviderPanel.tsx';
import type { PanelProps } from './panel-props.ts';
import { StepUpFacts } from './StepUpFacts.tsx';
import { TotpPanel } from './TotpPanel.tsx';

export interface StepUpDialogProps
  extends Pick<PanelProps, 'challenge' | 'onBegin' | 'onVerify' | 'onRedirect' | 'onCancel'> {
  readonly tenantName?: string;
  /** Why the person is asked again. */
  readonly notice?: string;
  readonly messages?: CountersignMessages;
}

/**
 * The moment of confirmation: what will happen, to what, whether it can be undone, and one way to
 * confirm it, with others behind "Try another way". Escape and Cancel do nothing but close it; focus
 * returns to where it was.
 */
export function StepUpDialog(props: StepUpDialogProps): ReactNode {
  const { challenge, onCancel, tenantName, notice, messages = englishMessages } = props;
  const factsId = useId();
  const { display, windowSeconds } = challenge;
  const duration = messages.wait(windowSeconds);
  return (
    <ModalOverlay
      className="cs-overlay"
      isOpen
      onOpenChange={(isOpen) => {
        if (!isOpen) onCancel();
      }}
    >
      <Modal className="cs-modal">
        <Dialog aria-describedby={factsId} className="cs-dialog">
          <header className="cs-dialog-header">
            <Heading className="cs-dialog-title" slot="title">
              {display.title}
            </Heading>
            <p>
              {windowSeconds > 0 ? messages.confirmWindowIntro(duration) : messages.confirmIntro}
            </p>
          </header>
          <div className="cs-dialog-body">
            {notice === undefined ? null : (
              <p className="cs-notice" role="status">
                {notice}
              </p>
            )}
            <StepUpFacts
              display={display}
              id={factsId}
              messages={messages}
              {...(tenantName === undefined ? {} : { tenantName })}
            />
          </div>
          <ChosenMethod {...props} messages={messages} />
        </Dialog>
      </Modal>
    </ModalOverlay>
  );
}

function ChosenMethod(
  props: StepUpDialogProps & { readonly messages: CountersignMessages },
): ReactNode {
  const { challenge, messages } = props;
  const [choice, dispatch] = useReducer(chooseMethod, challenge.methods, firstChoice);
  const [sent, setSent] = useState<SentCode | null>(null);
  const onUnavailable = useCallback(() => dispatch({ kind: 'unavailable' }), []);
  const others = (
    <MethodList
      isListed={choice.isListed}
      messages={messages}
      methods={otherMethods(choice)}
      onChoose={(method) => dispatch({ kind: 'choose', method })}
      onToggle={() => dispatch({ kind: 'toggle' })}
    />
  );
  const panel = { ...props, others, onUnavailable };
  return renderPanel(choice.chosen, panel, { sent, onSent: setSent });
}

function renderPanel(
  method: StepUpMethod | null,
  panel: PanelProps,
  email: { readonly sent: SentCode | null; readonly onSent: (sent: SentCode) => void },
): ReactNode {
  switch (method) {
    case 'totp':
      return <TotpPanel {...panel} />;
    case 'passkey':
      return <PasskeyPanel {...panel} />;
    case 'idp':
      return <ProviderPanel {...panel} />;
    case 'email':
      return <EmailPanel {...panel} {...email} />;
    case null:
      return (
        <PanelFrame {...panel} action={null} isDisabled onSubmit={() => undefined} status="">
          <p>{panel.messages.noMethod}</p>
        </PanelFrame>
      );
  }
}
