import { CountersignProvider } from '@countersign/react';
import { lazy, type ReactNode, Suspense } from 'react';
import { Redirect, Route, Switch } from 'wouter';
import { client } from './client.ts';
import { Delayed } from './components/Delayed.tsx';
import { ErrorBoundary } from './components/ErrorBoundary.tsx';
import { Sheet } from './components/Sheet.tsx';
import { ChallengePage } from './pages/ChallengePage.tsx';
import { NotFoundPage } from './pages/NotFoundPage.tsx';
import { SignInPage } from './pages/SignInPage.tsx';
import { EnrolmentHost } from './security/EnrolmentHost.tsx';
import { EnrolmentContext } from './security/enrolment-context.ts';
import { useEnrolmentRequests } from './security/use-enrolment-requests.ts';
import { RequireSession } from './session/RequireSession.tsx';

// Everything behind sign-in, with its frame, tables and dialogs, is fetched after it.
const Application = lazy(async () => ({
  default: (await import('./session/Application.tsx')).Application,
}));
const ForgotPage = lazy(async () => ({
  default: (await import('./pages/ForgotPage.tsx')).ForgotPage,
}));
const ResetPage = lazy(async () => ({
  default: (await import('./pages/ResetPage.tsx')).ResetPage,
}));
const InvitationPage = lazy(async () => ({
  default: (await import('./pages/InvitationPage.tsx')).InvitationPage,
}));
const EnrolPage = lazy(async () => ({
  default: (await import('./pages/EnrolPage.tsx')).EnrolPage,
}));
const RecoverPage = lazy(async () => ({
  default: (await import('./pages/RecoverPage.tsx')).RecoverPage,
}));
const OrganisationPage = lazy(async () => ({
  default: (await import('./pages/OrganisationPage.tsx')).OrganisationPage,
}));
const SignInReturnPage = lazy(async () => ({
  default: (await import('./pages/SignInReturnPage.tsx')).SignInReturnPage,
}));
const StepUpReturnPage = lazy(async () => ({
  default: (await import('./pages/StepUpReturnPage.tsx')).StepUpReturnPage,
}));

const WasntMePage = lazy(async () => ({
  default: (await import('./pages/WasntMePage.tsx')).WasntMePage,
}));

const APPLICATION_PATHS = /^\/(?:app|admin)(?:\/|$)/u;

export function App(): ReactNode {
  const enrolment = useEnrolmentRequests();
  return (
    <ErrorBoundary>
      <CountersignProvider client={client} onEnrolmentRequired={enrolment.forOperation}>
        <EnrolmentContext value={enrolment.byChoice}>
          <Switch>
            <Route path="/">
              <Redirect replace to="/app" />
            </Route>
            <Route component={SignInPage} path="/sign-in" />
            <Route component={ChallengePage} path="/sign-in/challenge" />
            <Route path="/sign-in/enrol">
              <Suspense fallback={<Delayed />}>
                <EnrolPage />
              </Suspense>
            </Route>
            <Route path="/sign-in/recover">
              <Suspense fallback={<Delayed />}>
                <RecoverPage />
              </Suspense>
            </Route>
            <Route path="/sign-in/forgot">
              <Suspense fallback={<Delayed />}>
                <ForgotPage />
              </Suspense>
            </Route>
            <Route path="/sign-in/reset">
              <Suspense fallback={<Delayed />}>
                <ResetPage />
              </Suspense>
            </Route>
            <Route path="/sign-in/invitation">
              <Suspense fallback={<Delayed />}>
                <InvitationPage />
              </Suspense>
            </Route>
            <Route path="/sign-in/organisation">
              <Suspense fallback={<Delayed />}>
                <OrganisationPage />
              </Suspense>
            </Route>
            <Route path="/sign-in/return">
              <Suspense fallback={<Delayed />}>
                <SignInReturnPage />
              </Suspense>
            </Route>
            <Route path="/step-up/return">
              <Suspense fallback={<Delayed />}>
                <StepUpReturnPage />
              </Suspense>
            </Route>
            <Route path="/wasnt-me">
              <Suspense fallback={<Delayed />}>
                <WasntMePage />
              </Suspense>
            </Route>
            <Route path={APPLICATION_PATHS}>
              <RequireSession>
                <Suspense fallback={<Delayed />}>
                  <Application />
                </Suspense>
                <EnrolmentHost request={enrolment.request} />
              </RequireSession>
            </Route>
            <Route>
              <Sheet>
                <NotFoundPage />
              </Sheet>
            </Route>
          </Switch>
        </EnrolmentContext>
      </CountersignProvider>
    </ErrorBoundary>
  );
}
