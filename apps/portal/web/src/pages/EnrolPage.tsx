import { useSession } from '@countersign/react';
import type { Session } from '@countersign/server/contract';
import { type ReactNode, useEffect, useState } from 'react';
import { Link, Redirect, useSearch } from 'wouter';
import { Delayed } from '../components/Delayed.tsx';
import { PageHeading } from '../components/PageHeading.tsx';
import { RecoveryCodesSheet } from '../components/RecoveryCodesSheet.tsx';
import { Sheet } from '../components/Sheet.tsx';
import { AddressCodeStep } from '../enrolment/AddressCodeStep.tsx';
import { SetUpSteps } from '../enrolment/SetUpSteps.tsx';
import { messages } from '../messages.ts';
import { enrolmentMessages } from '../messages-enrolment.ts';
import { parseNextPath } from '../next-path.ts';
import { EndingWarning } from '../session/EndingWarning.tsx';
import { entryPath } from '../session/entry-path.ts';
import { SignOutButton } from '../session/SignOutButton.tsx';
import { UnreachablePage } from './UnreachablePage.tsx';

const STEPS = 3;

/** Where policy keeps a session until the person has what their organisation asks for. */
export function EnrolPage(): ReactNode {
  const search = useSearch();
  const { session, status, refresh } = useSession();
  const [codes, setCodes] = useState<readonly string[]>([]);

  // Codes come once: they stay on the screen although the session is active by then.
  if (codes.length > 0) {
    const done = () => {
      setCodes([]);
      void refresh();
    };
    return <RecoveryCodesSheet codes={codes} onDone={done} />;
  }
  if (session === null) return status === 'failed' ? <UnreachablePage /> : <Delayed />;
  const { enforcement } = session;
  if (!session.needs.includes('enrolment') || enforcement === null) {
    const next = parseNextPath(search, window.location.origin);
    return <Redirect replace to={entryPath(session, next) ?? next} />;
  }
  return <Enrolment enforcement={enforcement} onCodes={setCodes} session={session} />;
}

interface EnrolmentProps {
  readonly session: Session;
  readonly enforcement: NonNullable<Session['enforcement']>;
  readonly onCodes: (codes: readonly string[]) => void;
}

function Enrolment({ session, enforcement, onCodes }: EnrolmentProps): ReactNode {
  const text = enrolmentMessages;
  const { requirement, isAddressProved } = enforcement;
  const [wasProved, setWasProved] = useState(false);
  useEffect(() => {
    if (isAddressProved) setWasProved(true);
  }, [isAddressProved]);
  const tenantName = session.tenant?.name ?? messages.product;
  return (
    <Sheet>
      <EndingWarning consequence={text.ending} />
      <PageHeading title={text.title[requirement]}>{text.why[requirement](tenantName)}</PageHeading>
      <div className="sheet-steps mt-5">
        {isAddressProved ? (
          <SetUpSteps onCodes={onCodes} requirement={requirement} total={STEPS} />
        ) : (
          <AddressCodeStep hasRunOut={wasProved} tenantName={tenantName} total={STEPS} />
        )}
      </div>
      {session.recovery === null ? null : (
        <p className="mt-5 text-sm">
          <Link className="text-link" href="/sign-in/recover">
            {text.lost}
          </Link>
        </p>
      )}
      <div className="mt-6 border-line border-t pt-3 text-sm">
        <div className="-mr-4 flex items-center justify-between gap-x-2">
          <p className="min-w-0 text-ink-3 [overflow-wrap:anywhere]">
            {text.signedInAs(session.user?.email ?? '')}
          </p>
          <div className="flex-none">
            <SignOutButton />
          </div>
        </div>
      </div>
    </Sheet>
  );
}
