import { CountersignProvider } from '@countersign/react';
import { lazy, type ReactNode, Suspense } from 'react';
import { Redirect, Route, Switch } from 'wouter';
import { client } from './client.ts';
import { Delayed } from './components/Delayed.tsx';
import { ErrorBoundary } from './components/ErrorBoundary.tsx';
import { Sheet } from './components/Sheet.tsx';
import { NotFoundPage } from './pages/NotFoundPage.tsx';
import { SignInPage } from './pages/SignInPage.tsx';
import { EnrolmentHost } from './security/EnrolmentHost.tsx';
import { EnrolmentContext } from './security/enrolment-context.ts';
import { useEnrolmentRequests } from './security/use-enrolment-requests.ts';
import { ChallengeRoute } from './session/ChallengeRoute.tsx';
import { RequireSession } from './session/RequireSession.tsx';

// Everything but sign-in itself is fetched when it is needed.
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
          <Suspense fallback={<Delayed />}>
            <Switch>
              <Route path="/">
                <Redirect replace to="/app" />
              </Route>
              <Route component={SignInPage} path="/sign-in" />
              <Route component={ChallengeRoute} path="/sign-in/challenge" />
              <Route component={EnrolPage} path="/sign-in/enrol" />
              <Route component={RecoverPage} path="/sign-in/recover" />
              <Route component={ForgotPage} path="/sign-in/forgot" />
              <Route component={ResetPage} path="/sign-in/reset" />
              <Route component={InvitationPage} path="/sign-in/invitation" />
              <Route component={OrganisationPage} path="/sign-in/organisation" />
              <Route component={SignInReturnPage} path="/sign-in/return/:provider?" />
              <Route component={StepUpReturnPage} path="/step-up/return/:provider?" />
              <Route component={WasntMePage} path="/wasnt-me" />
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
          </Suspense>
        </EnrolmentContext>
      </CountersignProvider>
    </ErrorBoundary>
  );
}
