import { useSession } from '@countersign/react';
import { type ReactNode, useState } from 'react';
import { Button } from '../components/Button.tsx';
import { ModalDialog } from '../components/ModalDialog.tsx';
import { RecoveryCodesPanel } from '../components/RecoveryCodesPanel.tsx';
import { messages } from '../messages.ts';
import { securityMessages } from '../messages-security.ts';
import { CreatePasskeyStep } from './CreatePasskeyStep.tsx';
import { type EnrolStarted, EnrolStartStep } from './EnrolStartStep.tsx';
import type { Enrolled, EnrolmentKind, EnrolmentWish } from './enrolment-context.ts';
import { ScanStep } from './ScanStep.tsx';
import { StepLine } from './StepLine.tsx';

export interface EnrolDialogProps {
  readonly wish: EnrolmentWish;
  readonly forOperation: boolean;
  readonly onDone: (enrolled: Enrolled) => void;
  readonly onCancel: () => void;
}

type Step =
  | { readonly name: 'start' }
  | EnrolStarted
  | { readonly name: 'codes'; readonly codes: readonly string[]; readonly enrolled: Enrolled };

/** Sets up an authenticator app or a passkey: password, the thing itself, recovery codes. */
export function EnrolDialog({ wish, forOperation, onDone, onCancel }: EnrolDialogProps): ReactNode {
  const text = securityMessages.enrol;
  const { refresh } = useSession();
  const [step, setStep] = useState<Step>({ name: 'start' });
  const [kind, setKind] = useState<EnrolmentKind>(wish.kind ?? 'totp');
  const cancel = <Button onClick={onCancel}>{messages.cancel}</Button>;
  const total = wish.isFirst ? 3 : 2;

  const finish = async (enrolled: Enrolled) => {
    await refresh();
    onDone(enrolled);
  };
  // Codes come with a first authenticator alone.
  const bound = (codes: readonly string[], enrolled: Enrolled) => {
    if (codes.length > 0) setStep({ name: 'codes', codes, enrolled });
    else void finish(enrolled);
  };

  if (step.name === 'codes') {
    return (
      <ModalDialog dismissable={false} onClose={() => undefined} title={text.codesTitle}>
        <div className="cs-dialog-body">
          <StepLine step={3} total={3} />
          <RecoveryCodesPanel
            codes={step.codes}
            doneLabel={text.done}
            onDone={() => void finish(step.enrolled)}
          />
        </div>
      </ModalDialog>
    );
  }
  return (
    <ModalDialog onClose={onCancel} title={titleOf(wish, step)}>
      {step.name === 'start' ? (
        <EnrolStartStep
          cancel={cancel}
          isChoice={wish.kind === null}
          intro={forOperation ? text.forOperation : null}
          kind={kind}
          onKindChange={setKind}
          onStarted={setStep}
          step={1}
          total={total}
        />
      ) : null}
      {step.name === 'scan' ? (
        <ScanStep
          cancel={cancel}
          onVerified={(codes) => bound(codes, { kind: 'totp', name: null, receipt: null })}
          step={2}
          total={total}
          totpUri={step.totpUri}
        />
      ) : null}
      {step.name === 'create' ? (
        <CreatePasskeyStep
          cancel={cancel}
          onBound={({ authenticator, recoveryCodes = [] }) =>
            bound(recoveryCodes, {
              kind: 'passkey',
              name: authenticator.name,
              receipt: step.started.receipt,
            })
          }
          started={step.started}
          step={2}
          total={total}
        />
      ) : null}
    </ModalDialog>
  );
}

function titleOf(wish: EnrolmentWish, step: Step): string {
  if (step.name === 'create') return securityMessages.passkey.createTitle;
  if (step.name === 'scan') return securityMessages.enrol.title.totp;
  if (wish.kind === 'passkey') return securityMessages.passkey.title;
  return wish.kind === null ? securityMessages.enrol.title.any : securityMessages.enrol.title.totp;
}
