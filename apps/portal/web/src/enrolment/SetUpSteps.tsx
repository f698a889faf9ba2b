import { useSession } from '@countersign/react';
import type { Session } from '@countersign/server/contract';
import { type ReactNode, useState } from 'react';
import { Button } from '../components/Button.tsx';
import { enrolmentMessages } from '../messages-enrolment.ts';
import { CreatePasskeyStep } from '../security/CreatePasskeyStep.tsx';
import { type EnrolStarted, EnrolStartStep } from '../security/EnrolStartStep.tsx';
import type { EnrolmentKind } from '../security/enrolment-context.ts';
import { ScanStep } from '../security/ScanStep.tsx';

export interface SetUpStepsProps {
  readonly requirement: NonNullable<Session['enforcement']>['requirement'];
  readonly total: number;
  /** Given the recovery codes that come with a first authenticator. */
  readonly onCodes: (codes: readonly string[]) => void;
}

/** Steps 2 and 3: which, with the password, and then the thing itself. */
export function SetUpSteps({ requirement, total, onCodes }: SetUpStepsProps): ReactNode {
  const { refresh } = useSession();
  const isChoice = requirement === 'required';
  const [kind, setKind] = useState<EnrolmentKind>(isChoice ? 'totp' : 'passkey');
  const [started, setStarted] = useState<EnrolStarted | null>(null);
  const bound = (codes: readonly string[]) => {
    if (codes.length > 0) onCodes(codes);
    else void refresh();
  };
  const back = <Button onClick={() => setStarted(null)}>{enrolmentMessages.back}</Button>;
  const place = { step: 3, total, cancel: back };
  switch (started?.name) {
    case undefined:
      return (
        <EnrolStartStep
          cancel={null}
          intro={null}
          isChoice={isChoice}
          kind={isChoice ? kind : 'passkey'}
          onKindChange={setKind}
          onStarted={setStarted}
          step={2}
          total={total}
        />
      );
    case 'scan':
      return <ScanStep {...place} onVerified={bound} totpUri={started.totpUri} />;
    case 'create':
      return (
        <CreatePasskeyStep
          {...place}
          onBound={({ recoveryCodes = [] }) => bound(recoveryCodes)}
          started={started.started}
        />
      );
  }
}
