import { useSession } from '@countersign/react';
import type { Session } from '@countersign/server/contract';
import { type ReactNode, useState } from 'react';
import { Link, Redirect, useSearch } from 'wouter';
import { readRecovery } from '../api-recovery.ts';
import { Delayed } from '../components/Delayed.tsx';
import { LoadFault } from '../components/LoadFault.tsx';
import { Notice } from '../components/Notice.tsx';
import { PageHeading } from '../components/PageHeading.tsx';
import { Sheet } from '../components/Sheet.tsx';
import { recoveryMessages } from '../messages-recovery.ts';
import { parseNextPath } from '../next-path.ts';
import { RecoverySteps } from '../recovery/RecoverySteps.tsx';
import { entryPath } from '../session/entry-path.ts';
import { SignOutButton } from '../session/SignOutButton.tsx';
import { useLoad } from '../use-load.ts';
import { UnreachablePage } from './UnreachablePage.tsx';

/** Where a person replaces what they lost, a moment after signing in by two methods. */
export function RecoverPage(): ReactNode {
  const search = useSearch();
  const { session, status, refresh } = useSession();
  // Between the two the session is read again: what it says is not known before.
  const [removal, setRemoval] = useState<'none' | 'settling' | 'done'>('none');
  const next = parseNextPath(search, window.location.origin);
  if (session === null) return status === 'failed' ? <UnreachablePage /> : <Delayed />;
  const entry = entryPath(session, next);
  if (removal === 'done') return <Done entry={entry} next={next} session={session} />;
  // Nobody, or somebody whose second factor is still to come.
  if (session.expiry === null) return <Redirect replace to={entry ?? next} />;
  if (session.recovery === null && removal === 'none') return <Over to={entry ?? next} />;
  const settle = async () => {
    setRemoval('settling');
    await refresh();
    setRemoval('done');
  };
  return <Recovering back={entry ?? next} onDone={settle} session={session} />;
}

interface RecoveringProps {
  readonly session: Session;
  readonly back: string;
  readonly onDone: () => Promise<void>;
}

function Recovering({ session, back, onDone }: RecoveringProps): ReactNode {
  const text = recoveryMessages;
  const loaded = useLoad('recovery', readRecovery);
  const { data, error } = loaded;
  return (
    <Sheet>
      <PageHeading title={text.title}>{text.intro}</PageHeading>
      {data === null && error === null ? <Delayed /> : null}
      {data === null ? <LoadFault loaded={loaded} /> : null}
      {data === null ? null : (
        <div className="mt-5">
          <RecoverySteps
            onDone={onDone}
            recovery={data}
            tenantName={session.tenant?.name ?? text.yourOrganisation}
          />
        </div>
      )}
      <p className="mt-5 border-line border-t pt-4 text-sm">
        <Link className="text-link" href={back}>
          {text.notNow}
        </Link>
      </p>
    </Sheet>
  );
}

/** The quarter of an hour is over, or the sign-in was of another kind. */
function Over({ to }: { readonly to: string }): ReactNode {
  const text = recoveryMessages;
  return (
    <Sheet>
      <PageHeading title={text.title} />
      <Notice className="mt-4" tone="warn">
        {text.over}
      </Notice>
      <div className="-mr-4 mt-5 flex items-center justify-between gap-2">
        <Link className="text-link" href={to}>
          {text.overAction}
        </Link>
        <SignOutButton />
      </div>
    </Sheet>
  );
}

interface DoneProps {
  readonly session: Session;
  readonly entry: string | null;
  readonly next: string;
}

function Done({ session, entry, next }: DoneProps): ReactNode {
  const text = recoveryMessages;
  const isNothingLeft = session.assurance?.aal === 1 || session.needs.includes('enrolment');
  const setUp = entry ?? (isNothingLeft ? '/app/security' : next);
  return (
    <Sheet>
      <PageHeading title={text.doneTitle}>{text.done}</PageHeading>
      {session.assurance?.aal === 1 ? (
        <p className="mt-4 text-ink-2">{text.doneNothingLeft}</p>
      ) : null}
      <Link className="cs-button cs-primary mt-5 w-full" href={setUp}>
        {isNothingLeft ? text.doneSetUp : text.doneContinue}
      </Link>
    </Sheet>
  );
}
