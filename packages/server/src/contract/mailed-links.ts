import { z } from 'zod';
import { PASSWORD_UNITS } from './password.ts';

/** The secret of a mailed link: 256 bits as base64url, which came in the address's fragment. */
const linkTokenSchema = z.string().regex(/^[\w-]{43}$/);

/** Judged by the rules for every new password, which say why they refuse one. */
const newPasswordSchema = z.string().min(1).max(PASSWORD_UNITS);

const emailSchema = z.email().max(254).toLowerCase();

/** `POST /api/password-reset` */
export const passwordResetRequestSchema = z.strictObject({ email: emailSchema });

/** Its answer, whoever has the address, or nobody. */
export const passwordResetAskedSchema = z.object({ asked: z.literal(true) });

/** `POST /api/password-reset/complete`; `newPassword` is judged once the link is known to work. */
export const passwordResetCompleteRequestSchema = z.strictObject({
  token: linkTokenSchema,
  newPassword: newPasswordSchema,
});

/** Its answer: nobody is signed in by it. */
export const passwordResetSchema = z.object({ changed: z.literal(true) });

const roleSchema = z.enum(['administrator', 'person']);

/** One of `GET /api/invitations` `items`: sent and not yet accepted. */
export const invitationSchema = z.object({
  id: z.uuid(),
  email: z.string(),
  role: roleSchema,
  invitedBy: z.string(),
  invitedAt: z.iso.datetime(),
  expiresAt: z.iso.datetime(),
});

/** `POST /api/invitations/look` and `/join`: the link's secret, and nothing that could raise it. */
export const invitationLinkRequestSchema = z.strictObject({ token: linkTokenSchema });

/** What a link invites to, for whoever holds it. `needs` says how it is accepted. */
export const invitationLinkSchema = z.object({
  email: z.string(),
  tenantName: z.string(),
  role: roleSchema,
  needs: z.enum(['account', 'sign-in']),
});

/** `POST /api/invitations/accept`: a new account at an address that has none. */
export const invitationAcceptRequestSchema = z.strictObject({
  token: linkTokenSchema,
  name: z
    .string()
    .trim()
    .min(1)
    .max(100)
    .regex(/^[^\p{Cc}]*$/u),
  newPassword: newPasswordSchema,
});

/** Its answer: the person signs in next. */
export const invitationAcceptedSchema = z.object({ email: z.string() });

/** `POST /api/invitations/join`; `current` when it is the tenant the session now acts in. */
export const invitationJoinedSchema = z.object({
  tenant: z.object({ id: z.string(), name: z.string() }),
  role: roleSchema,
  current: z.boolean(),
});

export type InvitationItem = z.infer<typeof invitationSchema>;
export type InvitationLink = z.infer<typeof invitationLinkSchema>;
export type InvitationJoined = z.infer<typeof invitationJoinedSchema>;
