import { useSession } from '@countersign/react';
import type { InvitationJoined, InvitationLink, Session } from '@countersign/server/contract';
import { type ReactNode, useState } from 'react';
import { Link } from 'wouter';
import { joinByInvitation } from '../api-links.ts';
import { Button } from '../components/Button.tsx';
import { Notice } from '../components/Notice.tsx';
import { explainError } from '../explain-error.ts';
import { linksMessages } from '../messages-links.ts';
import { entryPath } from '../session/entry-path.ts';
import { SignOutButton } from '../session/SignOutButton.tsx';
import { useAction } from '../use-action.ts';

export interface JoinPanelProps {
  readonly token: string;
  readonly invitation: InvitationLink;
  readonly session: Session;
}

const text = linksMessages.invitation;

/** Accepts an invitation with an account that is there: signed in first, as its own address. */
export function JoinPanel({ token, invitation, session }: JoinPanelProps): ReactNode {
  const { refresh } = useSession();
  const [joined, setJoined] = useState<InvitationJoined | null>(null);
  const action = useAction(async () => {
    setJoined(await joinByInvitation(token));
    await refresh();
  });
  if (joined !== null) return <JoinedNote joined={joined} session={session} />;
  const entry = entryPath(session, '/sign-in/invitation');
  if (entry !== null) {
    return (
      <div className="mt-5 grid gap-5">
        <p className="text-ink-2">{text.hasAccount}</p>
        <Link className="cs-button cs-primary w-full" href={entry}>
          {text.signIn}
        </Link>
      </div>
    );
  }
  const email = session.user?.email ?? '';
  if (email !== invitation.email) {
    return (
      <div className="mt-5 grid gap-4">
        <Notice tone="warn">{text.otherAddress(email)}</Notice>
        <div className="-mr-4 flex items-center justify-between gap-2">
          <ToRecords />
          <SignOutButton />
        </div>
      </div>
    );
  }
  const own = { conflict: text.alreadyMember, link_rejected: text.broken };
  return (
    <div className="mt-5 grid gap-4">
      {action.error === null ? null : (
        <Notice tone="danger">{explainError(action.error, own)}</Notice>
      )}
      <Button busy={action.busy} className="w-full" onClick={() => action.run()} tone="primary">
        {text.join(invitation.tenantName)}
      </Button>
      <p className="text-sm">
        <ToRecords />
      </p>
    </div>
  );
}

/** For whoever does not join now, or belongs there already. */
function ToRecords(): ReactNode {
  return (
    <Link className="text-link" href="/app">
      {text.open}
    </Link>
  );
}

function JoinedNote({ joined, session }: { joined: InvitationJoined; session: Session }) {
  const here = session.tenant?.name ?? joined.tenant.name;
  return (
    <div className="mt-5 grid gap-5">
      <Notice tone="ok">
        <span className="block font-[620]">{text.joinedTitle(joined.tenant.name)}</span>
        {joined.current ? text.joinedCurrent : text.joinedOther(here)}
      </Notice>
      <Link className="cs-button cs-primary w-full" href="/app">
        {text.open}
      </Link>
    </div>
  );
}
