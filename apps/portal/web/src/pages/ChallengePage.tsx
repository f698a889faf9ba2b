import { useSession } from '@countersign/react';
import type { Session } from '@countersign/server/contract';
import { type ReactNode, useState } from 'react';
import { Link, Redirect, useLocation, useSearch } from 'wouter';
import { Delayed } from '../components/Delayed.tsx';
import { PageHeading } from '../components/PageHeading.tsx';
import { RecoveryCodesSheet } from '../components/RecoveryCodesSheet.tsx';
import { Sheet } from '../components/Sheet.tsx';
import { challengeMessages } from '../messages-challenge.ts';
import { parseNextPath } from '../next-path.ts';
import { ChallengeForm } from '../session/ChallengeForm.tsx';
import { ChallengeWays } from '../session/ChallengeWays.tsx';
import { type ChallengeWay, challengeWays } from '../session/challenge-ways.ts';
import { entryPath } from '../session/entry-path.ts';
import { KeepOrReplace } from '../session/KeepOrReplace.tsx';
import { LostDevice } from '../session/LostDevice.tsx';
import { PasskeyChallenge } from '../session/PasskeyChallenge.tsx';
import { rememberedEmail } from '../session/signing-in-as.ts';

export function ChallengePage(): ReactNode {
  const text = challengeMessages;
  const search = useSearch();
  const { session, status, refresh } = useSession();
  const [codes, setCodes] = useState<readonly string[]>([]);
  const [asksWhatIsLost, setAsksWhatIsLost] = useState(false);

  // Codes come once: they stay on the screen although the session is active by then.
  if (codes.length > 0) {
    const done = () => {
      setCodes([]);
      void refresh();
    };
    return <RecoveryCodesSheet codes={codes} onDone={done} />;
  }
  const next = parseNextPath(search, window.location.origin);
  if (asksWhatIsLost && session !== null && session.recovery !== null) {
    const keep = () => setAsksWhatIsLost(false);
    return <KeepOrReplace next={next} onKeep={keep} recovery={session.recovery} />;
  }
  if (session?.state === 'active') return <Redirect replace to={next} />;
  if (session?.needs.includes('enrolment') === true) {
    return <Redirect replace to={entryPath(session, next) ?? next} />;
  }
  if (session === null && status !== 'failed') {
    return (
      <Sheet>
        <PageHeading keepFocus title={text.title} />
        <Delayed />
      </Sheet>
    );
  }
  return (
    <Challenge
      onVerified={(recoveryCodes, way) => {
        setAsksWhatIsLost(way === 'recovery');
        if (recoveryCodes.length > 0) setCodes(recoveryCodes);
        else void refresh();
      }}
      session={session}
    />
  );
}

interface ChallengeProps {
  readonly session: Session | null;
  readonly onVerified: (recoveryCodes: readonly string[], way: ChallengeWay) => void;
}

const intros = {
  app: challengeMessages.intro,
  passkey: challengeMessages.passkeyIntro,
  recovery: challengeMessages.recoveryIntro,
} as const;

function Challenge({ session, onVerified }: ChallengeProps): ReactNode {
  const text = challengeMessages;
  const search = useSearch();
  const [, navigate] = useLocation();
  const [chosen, setChosen] = useState<ChallengeWay | null>(null);
  const ways = challengeWays(session?.methods ?? []);
  const way = chosen ?? ways[0] ?? 'app';
  const email = session?.user?.email ?? rememberedEmail();
  const ranOut = () => {
    const params = new URLSearchParams(search);
    params.set('notice', 'ran-out');
    navigate(`/sign-in?${params}`, { replace: true });
  };
  return (
    <Sheet>
      <PageHeading keepFocus title={text.title}>
        {intros[way]}
      </PageHeading>
      {way === 'passkey' ? (
        <PasskeyChallenge onRanOut={ranOut} onVerified={() => onVerified([], way)} />
      ) : (
        <ChallengeForm
          key={way}
          method={way}
          onRanOut={ranOut}
          onVerified={(recoveryCodes) => onVerified(recoveryCodes, way)}
        />
      )}
      <ChallengeWays onChoose={setChosen} others={ways.filter((other) => other !== way)}>
        <LostDevice
          next={parseNextPath(search, window.location.origin)}
          onChoose={setChosen}
          session={session}
          ways={ways}
        />
      </ChallengeWays>
      <p className="mt-4 text-ink-3 text-sm">
        {email === null ? null : <>{text.signingInAs(email)} · </>}
        <Link className="text-link" href="/sign-in">
          {text.startAgain}
        </Link>
      </p>
    </Sheet>
  );
}
