import { useSession } from '@countersign/react';
import { type ReactNode, useState } from 'react';
import { AccountSection } from '../account/AccountSection.tsx';
import { PageHeading } from '../components/PageHeading.tsx';
import type { Outcome } from '../components/ReceiptPanel.tsx';
import { messages } from '../messages.ts';
import { securityMessages } from '../messages-security.ts';
import { HistoryCard } from '../security/HistoryCard.tsx';
import { KnownDevicesCard } from '../security/KnownDevicesCard.tsx';
import { OrganisationSection } from '../security/OrganisationSection.tsx';
import { SessionsCard } from '../security/SessionsCard.tsx';
import { WaysSection } from '../security/WaysSection.tsx';
import { useOutcome } from '../use-outcome.tsx';

export function SecurityPage(): ReactNode {
  const text = securityMessages.security;
  const { session } = useSession();
  const outcome = useOutcome();
  // Most of what is changed here ends other sessions: the list starts afresh.
  const [generation, setGeneration] = useState(0);
  const startOver = () => setGeneration((count) => count + 1);
  const show = (done: Outcome) => {
    startOver();
    outcome.show(done);
  };
  return (
    <>
      <PageHeading title={text.title}>
        {text.intro(session?.tenant?.name ?? messages.product)}
      </PageHeading>
      {outcome.panel}
      <WaysSection onChanged={startOver} onOutcome={show} />
      <OrganisationSection onOutcome={show} />
      <AccountSection onOutcome={show} />
      <SessionsCard key={`sessions ${generation}`} />
      <KnownDevicesCard key={`devices ${generation}`} />
      <HistoryCard key={`history ${generation}`} />
    </>
  );
}
