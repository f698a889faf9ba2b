import { APIError } from 'better-auth/api';
import type { Problem } from '../../contract/index.ts';

/** Refusals in Better Auth's own shape: `{code, message}`, with `requestId` added. */
const refusals = {
  closed: ['NOT_FOUND', 'NOT_FOUND', 'There is nothing here'],
  sessionRequired: ['UNAUTHORIZED', 'UNAUTHORIZED', 'Sign in first'],
  challengeRequired: [
    'UNAUTHORIZED',
    'CHALLENGE_REQUIRED',
    'Finish signing in with your second factor',
  ],
  enrolmentRequired: [
    'UNAUTHORIZED',
    'ENROLMENT_REQUIRED',
    'Your organisation asks for an authenticator first',
  ],
  noChallenge: ['UNAUTHORIZED', 'INVALID_TWO_FACTOR_COOKIE', 'This sign-in ran out; start again'],
  frozen: [
    'FORBIDDEN',
    'ACCOUNT_FROZEN',
    'This account is frozen until an administrator has looked: ask yours',
  ],
  organisationUnknown: [
    'NOT_FOUND',
    'ORGANISATION_UNKNOWN',
    'No organisation signs in here by that name',
  ],
  providerRefused: [
    'UNAUTHORIZED',
    'PROVIDER_REFUSED',
    "Your organisation's sign-in did not let you in",
  ],
  identityUnknown: [
    'UNAUTHORIZED',
    'IDENTITY_UNKNOWN',
    'This organisation account is linked to nobody here',
  ],
  wrongPassword: ['UNAUTHORIZED', 'INVALID_EMAIL_OR_PASSWORD', 'Invalid email or password'],
  passwordRequired: [
    'UNAUTHORIZED',
    'PASSWORD_REQUIRED',
    'Sign in with your password: a mailbox alone does not go with your authenticator app',
  ],
  invalidLink: ['BAD_REQUEST', 'INVALID_TOKEN', 'This link does not work any more'],
  invalidCode: ['UNAUTHORIZED', 'INVALID_CODE', "That code didn't work"],
  invalidPasskey: ['UNAUTHORIZED', 'INVALID_PASSKEY', "That passkey didn't work"],
  passkeyUnverified: [
    'UNAUTHORIZED',
    'PASSKEY_UNVERIFIED',
    'That passkey did not check that it is you; sign in with your password first',
  ],
  tooManyAttempts: [
    'TOO_MANY_REQUESTS',
    'TOO_MANY_ATTEMPTS',
    'Too many attempts; wait and try again',
  ],
  alreadyBound: ['CONFLICT', 'TOTP_ALREADY_ENABLED', 'An authenticator app is already set up'],
  grantConsumed: ['CONFLICT', 'GRANT_CONSUMED', 'This confirmation was used already'],
  notStarted: ['BAD_REQUEST', 'TOTP_NOT_ENABLED', 'Start setting up the authenticator app again'],
  malformed: ['BAD_REQUEST', 'VALIDATION_ERROR', 'The request could not be read'],
  unavailable: ['INTERNAL_SERVER_ERROR', 'UNAVAILABLE', 'This is not available at the moment'],
  impersonationForbidden: [
    'FORBIDDEN',
    'IMPERSONATION_FORBIDDEN',
    'Not while signed in as someone else',
  ],
  forbidden: ['FORBIDDEN', 'FORBIDDEN', 'You may not do this'],
} as const;

export function refusal(
  kind: keyof typeof refusals,
  requestId: string,
  retryAfterSeconds?: number,
): APIError {
  const [status, code, message] = refusals[kind];
  const retry = retryAfterSeconds === undefined ? {} : { retryAfterSeconds };
  const headers =
    retryAfterSeconds === undefined ? {} : { 'retry-after': String(retryAfterSeconds) };
  return new APIError(status, { code, message, requestId, ...retry }, headers);
}

/** A problem of ours in Better Auth's shape: code in capitals, message, and everything else as it was. */
export function refusalOf(problem: Problem, response: Response): APIError {
  const body = { ...problem, code: problem.code.toUpperCase(), message: problem.title };
  const headers = Object.fromEntries(
    [...response.headers].filter(([name]) => name === 'www-authenticate' || name === 'retry-after'),
  );
  return new APIError(response.status as 401, body, headers);
}
