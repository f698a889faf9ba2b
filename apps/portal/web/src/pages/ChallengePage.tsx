import { useSession } from '@countersign/react';
import { type ReactNode, useState } from 'react';
import { Link, Redirect, useLocation, useSearch } from 'wouter';
import { PageHeading } from '../components/PageHeading.tsx';
import { RecoveryCodesPanel } from '../components/RecoveryCodesPanel.tsx';
import { Sheet } from '../components/Sheet.tsx';
import { messages } from '../messages.ts';
import { parseNextPath } from '../next-path.ts';
import { ChallengeForm } from '../session/ChallengeForm.tsx';
import { rememberedEmail } from '../session/signing-in-as.ts';

export function ChallengePage(): ReactNode {
  const text = messages.challenge;
  const search = useSearch();
  const [, navigate] = useLocation();
  const { session, refresh } = useSession();
  const [method, setMethod] = useState<'app' | 'recovery'>('app');
  const [isLost, setIsLost] = useState(false);
  const [codes, setCodes] = useState<readonly string[]>([]);

  // Codes come once: they stay on the screen although the session is active by then.
  if (codes.length > 0) {
    return (
      <Sheet>
        <div className="mb-3">
          <PageHeading title={text.codesTitle} />
        </div>
        <RecoveryCodesPanel
          codes={codes}
          doneLabel={text.continue}
          onDone={() => {
            setCodes([]);
            void refresh();
          }}
        />
      </Sheet>
    );
  }
  if (session?.state === 'active') {
    return <Redirect replace to={parseNextPath(search, window.location.origin)} />;
  }
  const email = session?.user?.email ?? rememberedEmail();
  return (
    <Sheet>
      <PageHeading keepFocus title={text.title}>
        {method === 'app' ? text.intro : text.recoveryIntro}
      </PageHeading>
      <ChallengeForm
        key={method}
        method={method}
        onRanOut={() => {
          const params = new URLSearchParams(search);
          params.set('notice', 'ran-out');
          navigate(`/sign-in?${params}`, { replace: true });
        }}
        onVerified={(recoveryCodes) => {
          if (recoveryCodes.length > 0) setCodes(recoveryCodes);
          else void refresh();
        }}
      />
      <div className="mt-5 grid justify-items-start gap-1 border-line border-t pt-4">
        <button
          className="text-link min-h-8"
          onClick={() => setMethod(method === 'app' ? 'recovery' : 'app')}
          type="button"
        >
          {method === 'app' ? text.useRecovery : text.useApp}
        </button>
        <button
          aria-controls="lost-device"
          aria-expanded={isLost}
          className="text-link min-h-8"
          onClick={() => setIsLost(!isLost)}
          type="button"
        >
          {text.lost}
        </button>
        <section
          aria-label={text.lostTitle}
          className="grid gap-2 rounded-xl bg-bg px-4 py-3 text-ink-2"
          hidden={!isLost}
          id="lost-device"
        >
          <p>{text.lostRecovery}</p>
          <p>{text.lostAdministrator}</p>
        </section>
      </div>
      <p className="mt-4 text-ink-3 text-sm">
        {email === null ? null : <>{text.signingInAs(email)} · </>}
        <Link className="text-link" href="/sign-in">
          {text.startAgain}
        </Link>
      </p>
    </Sheet>
  );
}
