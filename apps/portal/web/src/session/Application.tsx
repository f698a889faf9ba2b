import { lazy, type ReactNode } from 'react';
import { Route, Switch } from 'wouter';
import { NotFoundPage } from '../pages/NotFoundPage.tsx';
import { RequireAdministrator } from './RequireAdministrator.tsx';
import { RequireTenant } from './RequireTenant.tsx';
import { Shell } from './Shell.tsx';

const RecordsPage = lazy(async () => ({
  default: (await import('../pages/RecordsPage.tsx')).RecordsPage,
}));
const SecurityPage = lazy(async () => ({
  default: (await import('../pages/SecurityPage.tsx')).SecurityPage,
}));
const CreditsPage = lazy(async () => ({
  default: (await import('../pages/CreditsPage.tsx')).CreditsPage,
}));
const ApiKeysPage = lazy(async () => ({
  default: (await import('../pages/ApiKeysPage.tsx')).ApiKeysPage,
}));
const PeoplePage = lazy(async () => ({
  default: (await import('../pages/PeoplePage.tsx')).PeoplePage,
}));
const PolicyPage = lazy(async () => ({
  default: (await import('../pages/PolicyPage.tsx')).PolicyPage,
}));
const IdentityProviderPage = lazy(async () => ({
  default: (await import('../pages/IdentityProviderPage.tsx')).IdentityProviderPage,
}));
const AuditPage = lazy(async () => ({
  default: (await import('../pages/AuditPage.tsx')).AuditPage,
}));

const administration = [
  { path: '/app/credits', Page: CreditsPage },
  { path: '/app/api-keys', Page: ApiKeysPage },
  { path: '/admin/people', Page: PeoplePage },
  { path: '/admin/policy', Page: PolicyPage },
  { path: '/admin/identity-provider', Page: IdentityProviderPage },
  { path: '/admin/audit', Page: AuditPage },
] as const;

/** Every screen of a person who is signed in, in its frame. */
export function Application(): ReactNode {
  return (
    <Shell>
      <RequireTenant>
        <Switch>
          <Route component={RecordsPage} path="/app" />
          <Route component={SecurityPage} path="/app/security" />
          {administration.map(({ path, Page }) => (
            <Route key={path} path={path}>
              <RequireAdministrator>
                <Page />
              </RequireAdministrator>
            </Route>
          ))}
          <Route component={NotFoundPage} />
        </Switch>
      </RequireTenant>
    </Shell>
  );
}
