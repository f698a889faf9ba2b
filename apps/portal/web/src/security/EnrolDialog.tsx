import { useSession } from '@countersign/react';
import { type ReactNode, useState } from 'react';
import { Button } from '../components/Button.tsx';
import { ModalDialog } from '../components/ModalDialog.tsx';
import { RecoveryCodesPanel } from '../components/RecoveryCodesPanel.tsx';
import { messages } from '../messages.ts';
import { PasswordStep } from './PasswordStep.tsx';
import { ScanStep } from './ScanStep.tsx';
import { StepLine } from './StepLine.tsx';

export interface EnrolDialogProps {
  readonly forOperation: boolean;
  readonly onDone: () => void;
  readonly onCancel: () => void;
}

type Step =
  | { readonly name: 'password' }
  | { readonly name: 'scan'; readonly totpUri: string }
  | { readonly name: 'codes'; readonly codes: readonly string[] };

/** Sets up an authenticator app: password, picture and first code, recovery codes. */
export function EnrolDialog({ forOperation, onDone, onCancel }: EnrolDialogProps): ReactNode {
  const text = messages.enrol;
  const { refresh } = useSession();
  const [step, setStep] = useState<Step>({ name: 'password' });
  const cancel = <Button onClick={onCancel}>{messages.cancel}</Button>;

  const finish = async () => {
    await refresh();
    onDone();
  };

  switch (step.name) {
    case 'password':
      return (
        <ModalDialog onClose={onCancel} title={text.title}>
          <PasswordStep
            cancel={cancel}
            intro={forOperation ? text.forOperation : null}
            onStarted={(totpUri) => setStep({ name: 'scan', totpUri })}
          />
        </ModalDialog>
      );
    case 'scan':
      return (
        <ModalDialog onClose={onCancel} title={text.title}>
          <ScanStep
            cancel={cancel}
            onVerified={(codes) => {
              if (codes.length > 0) setStep({ name: 'codes', codes });
              else void finish();
            }}
            totpUri={step.totpUri}
          />
        </ModalDialog>
      );
    case 'codes':
      return (
        <ModalDialog dismissable={false} onClose={() => undefined} title={text.codesTitle}>
          <div className="cs-dialog-body">
            <StepLine step={3} />
            <RecoveryCodesPanel
              codes={step.codes}
              doneLabel={text.done}
              onDone={() => void finish()}
            />
          </div>
        </ModalDialog>
      );
  }
}
