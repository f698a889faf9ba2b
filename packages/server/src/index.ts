export { sourceKey } from './audit/source-window.ts';
export type { Change } from './ceremonies/act-entries.ts';
export { judgeNewPassword, judgePasswordOf } from './ceremonies/new-password.ts';
export {
  type Actor,
  defineOperations,
  type Operation,
  operation,
  personal,
  type Resolved,
  secret,
} from './ceremonies/operation.ts';
export type {
  Notice,
  PasswordHasher,
  Randomness,
  RequestSource,
  TotpVerifier,
  Unit,
} from './ceremonies/ports.ts';
export type { IdentityProvider, IdentityProviders } from './ceremonies/provider-ports.ts';
export type { RepudiationLinks } from './ceremonies/repudiation.ts';
export { sourceFields } from './ceremonies/sign-in.ts';
export { type EventName, events } from './events/catalogue.ts';
export type { EventInput } from './events/entry.ts';
export { type RelyingParty, relyingParty } from './factors/passkey.ts';
export { addAccountRoutes } from './http/account-routes.ts';
export { addAdministrationRoutes } from './http/administration-routes.ts';
export { addAuditRoutes } from './http/audit-routes.ts';
export { assertCovered, type Declarations, type ServedRoute } from './http/coverage.ts';
export type { RouteEnvironment, ServerContext } from './http/environment.ts';
export {
  type ActScope,
  createGuard,
  type Guard,
  type GuardedRoute,
  type Proof,
} from './http/guard.ts';
export { addHealthRoutes } from './http/health-routes.ts';
export type { Identity, SessionCookies } from './http/identity.ts';
export { addInvitationRoutes } from './http/invitation-routes.ts';
export { startLateMailer } from './http/late-mailer.ts';
export { cutPage, namedPageQuery } from './http/named-page.ts';
export { addOpenApiRoute } from './http/openapi.ts';
export {
  type AccountOperations,
  accountOperations,
  addAccountOperationRoutes,
} from './http/operations/account-operations.ts';
export type { ErasePerson } from './http/operations/delete-account.ts';
export { parseJsonBody } from './http/parse-json-body.ts';
export { addPasskeyRoutes } from './http/passkey-routes.ts';
export { passwordRefusal } from './http/password-refusal.ts';
export { addPasswordResetRoutes } from './http/password-reset-routes.ts';
export { problemResponse } from './http/problem-response.ts';
export { queryFault } from './http/query-fault.ts';
export {
  createRequestGuard,
  type RequestFacts,
  type RequestGuard,
  type RequestHandler,
} from './http/request-guard.ts';
export {
  bodyLimits,
  failClosed,
  identityMiddleware,
  originMiddleware,
  requestMiddleware,
} from './http/request-middleware.ts';
export {
  createRoutes,
  type Member,
  type RouteContext,
  type RouteEntry,
  type Routes,
  refuse,
  type VouchedHandler,
} from './http/routes.ts';
export { ActRefused } from './http/run-guarded.ts';
export { type TenantProvidersOptions, tenantProviders } from './integrations/tenant-providers.ts';
export { containing } from './storage/containing.ts';
export { type Database, openDatabase, type Tx } from './storage/database.ts';
export { remindOfEnforcement } from './storage/enforcement-reminders.ts';
export { type MailJobs, openMailJobs } from './storage/mail-queue.ts';
export { type MigrateOptions, migrate } from './storage/migrate.ts';
export type { Migration } from './storage/migration.ts';
export { recordBlocked, sweep } from './storage/source-window-store.ts';
