import type { AuthContext } from 'better-auth';
import { getEndpoints } from 'better-auth/api';

/**
 * Who may reach an endpoint: `open` anyone; `pending` an unfinished sign-in or a session; `active` a
 * session with its assurance; `operation` an active session with a grant; `closed` nobody. A sign-in of
 * another plugin is `first-factor:email` where it proves a mailbox, `first-factor:idp` where a provider
 * answered for the person: anyone reaches it, and the gate decides what comes of it.
 */
export type EndpointClass =
  | 'open'
  | 'pending'
  | 'active'
  | 'operation'
  | 'closed'
  | 'first-factor:email'
  | 'first-factor:idp';

/** Every endpoint of Better Auth's core and of the plugins we run, by its key. */
export const endpointClasses: Readonly<Record<string, EndpointClass>> = {
  signInEmail: 'open',
  signInProvider: 'open',
  signInProviderReturn: 'open',
  signOut: 'open',
  getSession: 'open',
  ok: 'open',
  passkeySignInOptions: 'open',
  signInPasskey: 'open',
  requestPasswordReset: 'open',
  resetPassword: 'open',
  verifyTOTP: 'pending',
  verifyBackupCode: 'pending',
  enableTwoFactor: 'active',
  verifyPasskey: 'pending',
  passkeyOptions: 'pending',
  disableTwoFactor: 'operation',
  generateBackupCodes: 'operation',
  changePassword: 'operation',
  changeEmail: 'operation',
  deleteUser: 'operation',
  updateMemberRole: 'operation',
  ...closed([
    // The core's: other ways in, and changes of credentials that need an operation of their own.
    'signInSocial',
    'callbackOAuth',
    'signUpEmail',
    'verifyPassword',
    'verifyEmail',
    'sendVerificationEmail',
    'setPassword',
    'updateSession',
    'updateUser',
    'requestPasswordResetCallback',
    'listSessions',
    'revokeSession',
    'revokeSessions',
    'revokeOtherSessions',
    'linkSocialAccount',
    'listUserAccounts',
    'deleteUserCallback',
    'unlinkAccount',
    'refreshToken',
    'getAccessToken',
    'accountInfo',
    'error',
    // Two-factor: reading secrets back, codes by mail, its own backup codes.
    'generateTOTP',
    'getTOTPURI',
    'sendTwoFactorOTP',
    'verifyTwoFactorOTP',
    'viewBackupCodes',
    // Organization: membership and roles change through operations, not here.
    'createOrganization',
    'updateOrganization',
    'deleteOrganization',
    'setActiveOrganization',
    'getFullOrganization',
    'getOrganization',
    'listOrganizations',
    'createInvitation',
    'cancelInvitation',
    'acceptInvitation',
    'getInvitation',
    'rejectInvitation',
    'listInvitations',
    'getActiveMember',
    'getActiveMemberRole',
    'checkOrganizationSlug',
    'addMember',
    'removeMember',
    'leaveOrganization',
    'listUserInvitations',
    'listMembers',
    'hasPermission',
  ]),
};

/** Endpoints of ours, or whose answer would hand out a factor, that no application may open. */
const NEVER_OPENED: readonly string[] = [
  'setPassword',
  'generateTOTP',
  'getTOTPURI',
  'sendTwoFactorOTP',
  'verifyTwoFactorOTP',
  'viewBackupCodes',
];

/**
 * Our classes with those an application adds.
 *
 * @throws {TypeError} when it changes a class that the gate itself relies on.
 */
export function withAdded(
  added: Readonly<Record<string, EndpointClass>>,
): Readonly<Record<string, EndpointClass>> {
  for (const [key, endpointClass] of Object.entries(added)) {
    const known = Object.hasOwn(endpointClasses, key) ? endpointClasses[key] : undefined;
    const isOurs = known !== undefined && known !== 'closed';
    if (endpointClass === 'closed' || endpointClass === known) continue;
    if (isOurs || NEVER_OPENED.includes(key)) {
      throw new TypeError(`endpoint ${key} can be closed, and nothing else`);
    }
  }
  return { ...endpointClasses, ...added };
}

/** The class of each path; a path not in it, and an endpoint without one, is closed. */
export type PathClasses = ReadonlyMap<string, EndpointClass>;

/**
 * Classifies every registered endpoint.
 *
 * @throws {TypeError} naming the first endpoint nobody classified, or the first path whose endpoints
 * disagree: an upgrade must not add a way in that nobody looked at.
 */
export function classifyEndpoints(
  context: AuthContext,
  classes: Readonly<Record<string, EndpointClass>>,
): PathClasses {
  const registered = getEndpoints(context, context.options);
  const paths = new Map<string, EndpointClass>();
  for (const [key, endpoint] of Object.entries(registered.api)) {
    const endpointClass = Object.hasOwn(classes, key) ? classes[key] : undefined;
    if (endpointClass === undefined) throw new TypeError(`endpoint ${key} is not classified`);
    const path = (endpoint as { path?: string }).path;
    if (path === undefined) {
      if (endpointClass !== 'closed') throw new TypeError(`endpoint ${key} has no path: close it`);
      continue;
    }
    const known = paths.get(path);
    if (known !== undefined && known !== endpointClass) {
      throw new TypeError(`endpoint ${key} disagrees with another on ${path}`);
    }
    paths.set(path, endpointClass);
  }
  return paths;
}

function closed(keys: readonly string[]): Record<string, EndpointClass> {
  return Object.fromEntries(keys.map((key) => [key, 'closed' as const]));
}
