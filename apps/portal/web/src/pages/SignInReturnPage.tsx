import { CountersignError, useSession } from '@countersign/react';
import { type ReactNode, useEffect, useRef, useState } from 'react';
import { Link, Redirect, useLocation } from 'wouter';
import { finishLink } from '../api-identities.ts';
import { bringBackToSignIn } from '../auth-api.ts';
import { Notice } from '../components/Notice.tsx';
import { PageHeading } from '../components/PageHeading.tsx';
import { Sheet } from '../components/Sheet.tsx';
import { explainError } from '../explain-error.ts';
import { organisationMessages } from '../messages-organisation.ts';
import { formatNextPath, parseNextPath } from '../next-path.ts';
import { entryPath } from '../session/entry-path.ts';
import { type Journey, takeJourney } from '../session/provider-journey.ts';

type Outcome =
  | { readonly kind: 'working' | 'linked' | 'signed-in' }
  | { readonly kind: 'refused'; readonly error: unknown };

interface Returned {
  readonly purpose: Journey['purpose'];
  readonly next: string;
  readonly outcome: Outcome;
}

/** Where the organisation's sign-in sends people back to: its answer is handed on, once. */
export function SignInReturnPage(): ReactNode {
  const text = organisationMessages;
  const { session } = useSession();
  const { purpose, next, outcome } = useReturned();
  if (outcome.kind === 'signed-in' && session !== null && session.state !== 'none') {
    return <Redirect replace to={entryPath(session, next) ?? next} />;
  }
  if (outcome.kind === 'refused') {
    return purpose === 'link' ? (
      <NotLinked error={outcome.error} />
    ) : (
      <NotSignedIn error={outcome.error} next={next} />
    );
  }
  if (outcome.kind === 'linked') {
    return (
      <Sheet>
        <PageHeading title={text.linkedTitle} />
        <Notice className="mt-4" tone="ok">
          {text.linkedBody}
        </Notice>
        <BackToSecurity />
      </Sheet>
    );
  }
  return (
    <Sheet>
      <PageHeading keepFocus title={text.title} />
      <p className="mt-4 text-ink-2" role="status">
        {purpose === 'link' ? text.linking : text.returning}
      </p>
    </Sheet>
  );
}

function NotSignedIn({ error, next }: { readonly error: unknown; readonly next: string }) {
  const text = organisationMessages;
  const own = {
    identity_unknown: text.unlinked,
    provider_refused: text.refused,
    invalid_two_factor_cookie: text.ranOut,
  };
  const isUnlinked = codeOf(error) === 'identity_unknown';
  return (
    <Sheet>
      <PageHeading title={text.refusedTitle} />
      <Notice className="mt-4" tone={isUnlinked ? 'warn' : 'danger'}>
        {explainError(error, own)}
      </Notice>
      <p className="mt-5 flex flex-wrap gap-x-5 gap-y-3">
        <Link className="cs-button cs-primary" href={formatNextPath('/sign-in', next)}>
          {text.back}
        </Link>
        {isUnlinked ? null : (
          <Link className="cs-button" href={formatNextPath('/sign-in/organisation', next)}>
            {text.again}
          </Link>
        )}
      </p>
    </Sheet>
  );
}

function NotLinked({ error }: { readonly error: unknown }) {
  const text = organisationMessages;
  const own = {
    challenge_unknown: text.notLinkedRanOut,
    code_rejected: text.notLinkedRefused,
    conflict: text.notLinkedTaken,
  };
  return (
    <Sheet>
      <PageHeading title={text.notLinkedTitle} />
      <Notice className="mt-4" tone="danger">
        {explainError(error, own)}
      </Notice>
      <BackToSecurity />
    </Sheet>
  );
}

function BackToSecurity(): ReactNode {
  return (
    <p className="mt-5">
      <Link className="cs-button cs-primary" href="/app/security">
        {organisationMessages.backToSecurity}
      </Link>
    </p>
  );
}

function useReturned(): Returned {
  const { refresh } = useSession();
  const [, navigate] = useLocation();
  const [returned, setReturned] = useState<Returned>({
    purpose: 'sign-in',
    next: '/app',
    outcome: { kind: 'working' },
  });
  // An answer works once: development's second run of an effect must not spend it again.
  const isStarted = useRef(false);
  useEffect(() => {
    if (isStarted.current) return;
    isStarted.current = true;
    const returnUrl = takeReturnUrl();
    const journey = takeJourney(returnUrl);
    const purpose = journey?.purpose ?? 'sign-in';
    // Anything on this origin can write to the tab's storage: the path is parsed where it is used.
    const kept = new URLSearchParams({ next: journey?.next ?? '/app' });
    const next = parseNextPath(`?${kept}`, globalThis.location.origin);
    setReturned({ purpose, next, outcome: { kind: 'working' } });
    const finish = async (): Promise<Outcome> => {
      if (purpose === 'link') {
        await finishLink(returnUrl);
        return { kind: 'linked' };
      }
      const { challenged } = await bringBackToSignIn(returnUrl);
      await refresh();
      if (challenged) navigate(formatNextPath('/sign-in/challenge', next), { replace: true });
      return { kind: challenged ? 'working' : 'signed-in' };
    };
    finish().then(
      (outcome) => setReturned({ purpose, next, outcome }),
      (error: unknown) => setReturned({ purpose, next, outcome: { kind: 'refused', error } }),
    );
  }, [refresh, navigate]);
  return returned;
}

/** Where the provider sent back to; its answer is taken out of the address, to stay in no history. */
function takeReturnUrl(): string {
  const { href, pathname } = globalThis.location;
  globalThis.history.replaceState(globalThis.history.state, '', pathname);
  return href;
}

function codeOf(error: unknown): string | null {
  return error instanceof CountersignError ? (error.refusal?.code.toLowerCase() ?? null) : null;
}
