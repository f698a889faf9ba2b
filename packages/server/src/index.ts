export { sourceKey } from './audit/source-window.ts';
export {
  type Actor,
  defineOperations,
  type Operation,
  operation,
  type Resolved,
  secret,
} from './ceremonies/operation.ts';
export type { Notice, Randomness, RequestSource, TotpVerifier, Unit } from './ceremonies/ports.ts';
export { sourceFields } from './ceremonies/sign-in.ts';
export { type EventName, events } from './events/catalogue.ts';
export type { EventInput } from './events/entry.ts';
export { addAccountRoutes } from './http/account-routes.ts';
export { addAuditRoutes } from './http/audit-routes.ts';
export {
  authenticatorRemoval,
  type PasswordVerifier,
  refuseWrongPassword,
  removeThrough,
} from './http/authenticator-removal.ts';
export type { RouteEnvironment, ServerContext } from './http/environment.ts';
export { createGuard, type Guard, type Proof } from './http/guard.ts';
export { addHealthRoutes } from './http/health-routes.ts';
export type { Identity, SessionCookies } from './http/identity.ts';
export { problemResponse } from './http/problem-response.ts';
export {
  bodyLimits,
  failClosed,
  identityMiddleware,
  originMiddleware,
  requestMiddleware,
} from './http/request-middleware.ts';
export {
  assertCovered,
  createRoutes,
  type Member,
  type RouteContext,
  type Routes,
  refuse,
} from './http/routes.ts';
export { type Database, openDatabase, type Tx } from './storage/database.ts';
export { type MailJobs, openMailJobs } from './storage/mail-queue.ts';
export { type MigrateOptions, migrate } from './storage/migrate.ts';
export type { Migration } from './storage/migrations.ts';
export { sweep } from './storage/source-window-store.ts';
