import { isCancelled, useSession } from '@countersign/react';
import { type ReactNode, useRef, useState } from 'react';
import { countRecoveryCodes, listAuthenticators } from '../api.ts';
import { Delayed } from '../components/Delayed.tsx';
import { Notice } from '../components/Notice.tsx';
import { PageHeading } from '../components/PageHeading.tsx';
import { explainError } from '../explain-error.ts';
import { messages } from '../messages.ts';
import { AuthenticatorRow } from '../security/AuthenticatorRow.tsx';
import { useEnrol } from '../security/enrolment-context.ts';
import { RecoveryCodesRow } from '../security/RecoveryCodesRow.tsx';
import { SessionsCard } from '../security/SessionsCard.tsx';
import { TurnOffDialog } from '../security/TurnOffDialog.tsx';
import { useLoad } from '../use-load.ts';

export function SecurityPage(): ReactNode {
  const text = messages.security;
  const { session, refresh } = useSession();
  const enrol = useEnrol();
  const ways = useLoad('ways', loadWays);
  const [turningOff, setTurningOff] = useState<string | null>(null);
  const [announcement, setAnnouncement] = useState<string | null>(null);
  // Turning the app off ends other sessions: the list starts afresh.
  const [generation, setGeneration] = useState(0);
  const waysHeading = useRef<HTMLHeadingElement>(null);

  const changed = (message: string) => {
    setAnnouncement(message);
    ways.reload();
    setGeneration((count) => count + 1);
    // The button that began this is gone by now.
    waysHeading.current?.focus();
  };
  const setUp = async () => {
    try {
      await enrol();
      changed(messages.enrol.announced);
    } catch (error) {
      if (!isCancelled(error)) throw error;
      ways.reload();
    }
  };

  return (
    <>
      <PageHeading title={text.title}>
        {text.intro(session?.tenant?.name ?? messages.product)}
      </PageHeading>
      {announcement === null ? null : <Notice tone="ok">{announcement}</Notice>}
      <section aria-labelledby="ways" className="card">
        <h2
          className="px-5 py-4 font-[620] text-[1.0625rem]"
          id="ways"
          ref={waysHeading}
          tabIndex={-1}
        >
          {text.ways}
        </h2>
        {ways.data === null && ways.error === null ? <Delayed /> : null}
        {ways.error === null ? null : (
          <Notice className="mx-5 mb-5" tone="danger">
            {explainError(ways.error)}
          </Notice>
        )}
        {ways.data === null ? null : (
          <>
            <AuthenticatorRow
              authenticator={ways.data.authenticator}
              onSetUp={() => void setUp()}
              onTurnOff={setTurningOff}
            />
            <RecoveryCodesRow recoveryCodes={ways.data.recoveryCodes} />
          </>
        )}
      </section>
      <SessionsCard key={generation} />
      {turningOff === null ? null : (
        <TurnOffDialog
          authenticatorId={turningOff}
          onCancel={() => setTurningOff(null)}
          onDone={() => {
            setTurningOff(null);
            void refresh();
            changed(messages.turnOff.announced);
          }}
        />
      )}
    </>
  );
}

async function loadWays(signal: AbortSignal) {
  const [authenticators, recoveryCodes] = await Promise.all([
    listAuthenticators(signal),
    countRecoveryCodes(signal),
  ]);
  return { authenticator: authenticators[0] ?? null, recoveryCodes };
}
