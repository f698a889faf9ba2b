import { CountersignProvider } from '@countersign/react';
import { lazy, type ReactNode } from 'react';
import { Redirect, Route, Switch } from 'wouter';
import { client } from './client.ts';
import { ErrorBoundary } from './components/ErrorBoundary.tsx';
import { Sheet } from './components/Sheet.tsx';
import { ChallengePage } from './pages/ChallengePage.tsx';
import { NotFoundPage } from './pages/NotFoundPage.tsx';
import { SignInPage } from './pages/SignInPage.tsx';
import { EnrolmentHost } from './security/EnrolmentHost.tsx';
import { EnrolmentContext } from './security/enrolment-context.ts';
import { useEnrolmentRequests } from './security/use-enrolment-requests.ts';
import { RequireAdministrator } from './session/RequireAdministrator.tsx';
import { RequireSession } from './session/RequireSession.tsx';
import { RequireTenant } from './session/RequireTenant.tsx';
import { Shell } from './session/Shell.tsx';

// Everything behind sign-in, with its tables and dialogs, is fetched after it.
const RecordsPage = lazy(async () => ({
  default: (await import('./pages/RecordsPage.tsx')).RecordsPage,
}));
const SecurityPage = lazy(async () => ({
  default: (await import('./pages/SecurityPage.tsx')).SecurityPage,
}));
const AuditPage = lazy(async () => ({
  default: (await import('./pages/AuditPage.tsx')).AuditPage,
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
            <Route path={APPLICATION_PATHS}>
              <RequireSession>
                <Shell>
                  <RequireTenant>
                    <Switch>
                      <Route component={RecordsPage} path="/app" />
                      <Route component={SecurityPage} path="/app/security" />
                      <Route path="/admin/audit">
                        <RequireAdministrator>
                          <AuditPage />
                        </RequireAdministrator>
                      </Route>
                      <Route component={NotFoundPage} />
                    </Switch>
                  </RequireTenant>
                </Shell>
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
