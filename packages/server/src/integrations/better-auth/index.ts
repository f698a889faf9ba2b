export { type EndpointClass, endpointClasses } from './classification.ts';
export { passwordHasher } from './password-hasher.ts';
export { type CountersignPluginOptions, countersign } from './plugin.ts';
export { requestSource } from './request-scope.ts';
export { sessionCookies } from './session-cookies.ts';
export {
  type CreatedTenant,
  createTenant,
  destroyTenant,
  type NewTenant,
  type Role,
} from './tenants.ts';
export { totpVerifier } from './totp-verifier.ts';
