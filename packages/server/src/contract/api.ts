import { z } from 'zod';
import { auditPageSchema } from './audit.ts';
import {
  identitiesSchema,
  identityProviderDocumentSchema,
  providerJourneySchema,
} from './identity-provider.ts';
import {
  invitationAcceptedSchema,
  invitationAcceptRequestSchema,
  invitationJoinedSchema,
  invitationLinkRequestSchema,
  invitationLinkSchema,
  invitationSchema,
  passwordResetAskedSchema,
  passwordResetCompleteRequestSchema,
  passwordResetRequestSchema,
  passwordResetSchema,
} from './mailed-links.ts';

import {
  memberMfaSchema,
  memberSchema,
  policyDocumentSchema,
  policyPreviewRequestSchema,
  policyPreviewSchema,
} from './policy.ts';
import {
  recoveredSchema,
  recoveryCodeRequestSchema,
  recoveryRequestSchema,
  recoverySchema,
} from './recovery.ts';
import { securityHistorySchema } from './security-history.ts';
import {
  addressCodeRequestSchema,
  addressCodeSentSchema,
  addressProvedSchema,
  authenticatorSchema,
  knownDeviceSchema,
  passkeyBindRequestSchema,
  passkeyBoundSchema,
  passkeyEnrolmentSchema,
  recoveryCodesSchema,
  repudiationRequestSchema,
  sessionExtendedSchema,
  sessionItemSchema,
  sessionSchema,
  sessionsEndedSchema,
} from './session.ts';
import {
  grantSchema,
  providerResponseSchema,
  receiptSchema,
  stepUpBeginRequestSchema,
  stepUpOptionsSchema,
  stepUpSchema,
  stepUpVerifyRequestSchema,
} from './step-up.ts';

/** What one route answers, and what it takes where no operation's schema says so. */
export interface ApiRoute {
  readonly summary: string;
  /** Absent where the answer has no body, or is no JSON. */
  readonly response?: z.ZodType;
  readonly request?: z.ZodType;
  /** The status of success; 200 unless said. */
  readonly status?: 200 | 201 | 202 | 204;
}

/** One page of a list. */
export function listOf<T extends z.ZodType>(item: T) {
  return z.object({ items: z.array(item), nextCursor: z.string().nullable() });
}

/** A result with the receipt of the act it is the result of. */
export function withReceipt<T extends z.ZodRawShape>(shape: T) {
  return z.object({ ...shape, receipt: receiptSchema });
}

const healthSchema = z.object({
  status: z.enum(['ok', 'failed']),
  checks: z.record(z.string(), z.enum(['ok', 'failed'])).optional(),
});

/** The library's own routes, by method and path. */
export const apiRoutes: Readonly<Record<string, ApiRoute>> = {
  'GET /healthz': { summary: 'Whether the process answers', response: healthSchema },
  'GET /readyz': {
    summary: 'Whether database, log and clock are fit to say yes to anyone',
    response: healthSchema,
  },
  'GET /api/openapi.json': { summary: 'This document' },
  'GET /api/session': {
    summary: 'Who is signed in, and with what assurance',
    response: sessionSchema,
  },
  'POST /api/session/extend': {
    summary: 'Put the end of an unused session off, as any other use of it does',
    response: sessionExtendedSchema,
  },
  'GET /api/sessions': {
    summary: "The person's living sessions",
    response: listOf(sessionItemSchema),
  },
  'DELETE /api/sessions': {
    summary: 'End every other session of the person',
    response: sessionsEndedSchema,
  },
  'DELETE /api/sessions/:id': { summary: 'End one session', status: 204 },
  'GET /api/security-history': {
    summary: "What happened to the person's own account, newest first",
    response: securityHistorySchema,
  },
  'GET /api/known-devices': {
    summary: 'Browsers the person signed in on in full',
    response: listOf(knownDeviceSchema),
  },
  'DELETE /api/known-devices/:id': { summary: 'Forget one known device', status: 204 },
  'GET /api/authenticators': {
    summary: "The person's authenticators",
    response: listOf(authenticatorSchema),
  },
  'POST /api/enrolment/code': {
    summary: 'Mail a code to the verified address, before an enrolment that policy forces',
    response: addressCodeSentSchema,
  },
  'POST /api/enrolment/code/verify': {
    summary: 'Prove the address with that code; the session may enrol for 15 minutes',
    request: addressCodeRequestSchema,
    response: addressProvedSchema,
  },
  'GET /api/recovery': {
    summary: 'What the person may call lost, a moment after signing in by two methods',
    response: recoverySchema,
  },
  'POST /api/recovery/code': {
    summary:
      'Check the password, and mail a code to the verified address that removes exactly these',
    request: recoveryCodeRequestSchema,
    response: addressCodeSentSchema,
  },
  'POST /api/recovery': {
    summary: 'Remove lost authenticators with that code; the session cookie is replaced',
    request: recoveryRequestSchema,
    response: recoveredSchema,
  },
  'POST /api/authenticators/passkeys/options': {
    summary: 'Begin to add a passkey',
    response: passkeyEnrolmentSchema.extend({ receipt: receiptSchema }),
  },
  'POST /api/authenticators/passkeys': {
    summary: 'Finish adding a passkey',
    request: passkeyBindRequestSchema,
    response: passkeyBoundSchema,
    status: 201,
  },
  'PATCH /api/authenticators/:id': {
    summary: 'Rename a passkey',
    response: withReceipt({ renamed: z.boolean() }),
  },
  'DELETE /api/authenticators/:id': {
    summary: 'Remove an authenticator',
    response: withReceipt({ removed: z.boolean(), id: z.uuid() }),
  },
  'GET /api/recovery-codes': {
    summary: 'How many recovery codes are left',
    response: recoveryCodesSchema,
  },
  'POST /api/recovery-codes': {
    summary: 'Make new recovery codes, shown once',
    response: withReceipt({ codes: z.array(z.string()) }),
  },
  'GET /api/step-up/:id': { summary: 'A step-up and how far it is', response: stepUpSchema },
  'POST /api/step-up/:id/begin': {
    summary: 'Prepare one method of a step-up',
    request: stepUpBeginRequestSchema,
    response: stepUpOptionsSchema,
  },
  'POST /api/step-up/:id/verify': {
    summary: 'Confirm a step-up; the session cookie is replaced',
    request: stepUpVerifyRequestSchema,
    response: grantSchema,
  },
  'POST /api/account/password': {
    summary: 'Change the password',
    response: withReceipt({ changed: z.boolean() }),
  },
  'POST /api/account/email': {
    summary: 'Ask for another address; a code goes to it',
    response: withReceipt({ sentTo: z.string(), expiresAt: z.iso.datetime() }),
  },
  'POST /api/account/email/confirm': {
    summary: 'Confirm the new address with its code',
    request: z.strictObject({ code: z.string().max(32) }),
    response: z.object({ email: z.string() }),
  },
  'DELETE /api/account': {
    summary: 'Permanently delete the account',
    response: withReceipt({ deleted: z.boolean() }),
  },
  'GET /api/members': { summary: "The tenant's members", response: listOf(memberSchema) },
  'PUT /api/members/:id/role': {
    summary: "Change a member's role",
    response: withReceipt({ role: z.string() }),
  },
  'PUT /api/members/:id/mfa': {
    summary: 'Change what is asked of one member alone, on top of what is asked of everyone',
    response: withReceipt({ mfa: memberMfaSchema.nullable() }),
  },
  'DELETE /api/members/:id': {
    summary: 'Remove a member; their sessions here end',
    response: withReceipt({ removed: z.boolean() }),
  },
  'GET /api/invitations': {
    summary: "The tenant's open invitations",
    response: listOf(invitationSchema),
  },
  'POST /api/invitations': {
    summary: 'Invite an address; the link goes there and nowhere else',
    response: withReceipt({ id: z.uuid(), expiresAt: z.iso.datetime() }),
    status: 201,
  },
  'DELETE /api/invitations/:id': { summary: 'Revoke an open invitation', status: 204 },
  'POST /api/invitations/look': {
    summary: 'What a link invites to; consumes nothing',
    request: invitationLinkRequestSchema,
    response: invitationLinkSchema,
  },
  'POST /api/invitations/accept': {
    summary: 'Make the account of an invited address that has none; signs nobody in',
    request: invitationAcceptRequestSchema,
    response: invitationAcceptedSchema,
    status: 201,
  },
  'POST /api/invitations/join': {
    summary: 'Accept an invitation in the session of the invited address',
    request: invitationLinkRequestSchema,
    response: invitationJoinedSchema,
  },
  'POST /api/password-reset': {
    summary: 'Ask for a link to choose another password; answered alike for every address',
    request: passwordResetRequestSchema,
    response: passwordResetAskedSchema,
    status: 202,
  },
  'POST /api/password-reset/complete': {
    summary: 'Choose another password with that link; signs nobody in',
    request: passwordResetCompleteRequestSchema,
    response: passwordResetSchema,
  },
  'POST /api/members/:id/unfreeze': {
    summary: 'Let a frozen member sign in again',
    response: withReceipt({ unfrozen: z.boolean() }),
  },
  'POST /api/wasnt-me': {
    summary: 'Freeze an account by the link of a mail to its person',
    request: repudiationRequestSchema,
    response: z.object({ frozen: z.literal(true) }),
  },
  'GET /api/policy': { summary: "The tenant's policy", response: policyDocumentSchema },
  'PUT /api/policy': {
    summary: "Change the tenant's policy, if it is still the version in If-Match",
    response: withReceipt({ version: z.number().int() }),
  },
  'GET /api/identity-provider': {
    summary: "The tenant's identity provider, and how far policy, population and flow bear it out",
    response: identityProviderDocumentSchema,
  },
  'PUT /api/identity-provider': {
    summary: "Change the tenant's identity provider, if it is still the version in If-Match",
    response: withReceipt({ version: z.number().int() }),
  },
  'GET /api/identities': {
    summary: "The person's accounts at the tenant's identity provider",
    response: identitiesSchema,
  },
  'POST /api/identities': {
    summary: 'Be allowed to link an account at the identity provider',
    response: withReceipt({ expiresAt: z.iso.datetime() }),
  },
  'POST /api/identities/begin': {
    summary: 'Set out to the identity provider, once, to link an account',
    response: providerJourneySchema,
  },
  'POST /api/identities/finish': {
    summary: 'Link the account that was signed in to there',
    request: providerResponseSchema,
    response: z.object({ id: z.uuid() }),
    status: 201,
  },
  'DELETE /api/identities/:id': {
    summary: 'Unlink an account at the identity provider',
    response: withReceipt({ unlinked: z.boolean() }),
  },
  'POST /api/policy/preview': {
    summary: 'Who would lack what a policy asks for',
    request: policyPreviewRequestSchema,
    response: policyPreviewSchema,
  },
  'GET /api/audit/events': { summary: 'Audit entries, newest first', response: auditPageSchema },
};
