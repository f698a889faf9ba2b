import { CountersignError, useSession } from '@countersign/react';
import type { InvitationLink } from '@countersign/server/contract';
import { type ReactNode, useState } from 'react';
import { Link, Redirect } from 'wouter';
import { lookAtInvitation } from '../api-links.ts';
import { Delayed } from '../components/Delayed.tsx';
import { LoadFault } from '../components/LoadFault.tsx';
import { Notice } from '../components/Notice.tsx';
import { PageHeading } from '../components/PageHeading.tsx';
import { Sheet } from '../components/Sheet.tsx';
import { AcceptForm } from '../links/AcceptForm.tsx';
import { JoinPanel } from '../links/JoinPanel.tsx';
import { useLinkToken } from '../links/use-link-token.ts';
import { linksMessages } from '../messages-links.ts';
import { useLoad } from '../use-load.ts';

const text = linksMessages.invitation;

/** Where an invitation leads: a new account, or the sign-in of one that is there. */
export function InvitationPage(): ReactNode {
  const token = useLinkToken('/sign-in/invitation');
  return token === null ? <Broken /> : <Invitation key={token} token={token} />;
}

function Invitation({ token }: { readonly token: string }): ReactNode {
  const looked = useLoad(token, (signal) => lookAtInvitation(token, signal));
  const [hasAccepted, setHasAccepted] = useState(false);
  const { data, error } = looked;
  if (error instanceof CountersignError && error.code === 'link_rejected') return <Broken />;
  // The account is made and signed in: what happens next is for the gate to say.
  if (hasAccepted) return <Redirect replace to="/app" />;
  if (data === null) {
    return (
      <Sheet>
        <PageHeading title={text.title} />
        {error === null ? <Delayed /> : <LoadFault loaded={looked} />}
      </Sheet>
    );
  }
  if (data.needs === 'sign-in') return <Join invitation={data} token={token} />;
  return (
    <Sheet>
      <Heading invitation={data} />
      <AcceptForm
        email={data.email}
        onAccepted={() => setHasAccepted(true)}
        onOutdated={looked.reload}
        token={token}
      />
    </Sheet>
  );
}

function Join({ invitation, token }: { readonly invitation: InvitationLink; token: string }) {
  const { session } = useSession();
  return (
    <Sheet>
      <Heading invitation={invitation} />
      {session === null ? (
        <Delayed />
      ) : (
        <JoinPanel invitation={invitation} session={session} token={token} />
      )}
    </Sheet>
  );
}

function Heading({ invitation }: { readonly invitation: InvitationLink }): ReactNode {
  const { email, role, tenantName } = invitation;
  return (
    <PageHeading keepFocus title={text.titleTo(tenantName)}>
      <span className="[overflow-wrap:anywhere]">
        {role === 'administrator' ? text.asAdministrator(email) : text.asPerson(email)}
      </span>
    </PageHeading>
  );
}

function Broken(): ReactNode {
  return (
    <Sheet>
      <PageHeading title={text.title} />
      <Notice className="mt-4" tone="warn">
        {text.broken}
      </Notice>
      <p className="mt-5 text-sm">
        <Link className="text-link" href="/sign-in">
          {text.signInPage}
        </Link>
      </p>
    </Sheet>
  );
}
