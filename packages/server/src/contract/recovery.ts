import { z } from 'zod';
import { PASSWORD_UNITS } from './password.ts';

const kindSchema = z.enum(['totp', 'passkey']);

/** Far more than anybody has. */
const MAX_LOST = 50;

const lostSchema = z
  .array(z.uuid())
  .min(1)
  .max(MAX_LOST)
  .refine((ids) => new Set(ids).size === ids.length, 'each is named once');

/** Part of `GET /api/session`: what this session may call lost, and until when; else null. */
export const sessionRecoverySchema = z.object({
  lost: z.array(kindSchema).min(1),
  until: z.iso.datetime(),
});

/**
 * `GET /api/recovery`: what may be called lost, and where a code would go, masked; `sentTo` is null for a
 * person without a verified address, who needs an administrator.
 */
export const recoverySchema = z.object({
  items: z.array(z.object({ id: z.uuid(), type: kindSchema, name: z.string() })),
  sentTo: z.string().nullable(),
  until: z.iso.datetime(),
});

/** `POST /api/recovery/code`; answered as `POST /api/enrolment/code` is. */
export const recoveryCodeRequestSchema = z.strictObject({
  lost: lostSchema,
  password: z.string().min(1).max(PASSWORD_UNITS),
});

/** `POST /api/recovery`: the code works for exactly this list, in this session. */
export const recoveryRequestSchema = z.strictObject({
  lost: lostSchema,
  code: z.string().max(32),
});

/** Its answer; the session cookie is replaced. */
export const recoveredSchema = z.object({ removed: z.array(z.uuid()) });

export type SessionRecovery = z.infer<typeof sessionRecoverySchema>;
export type Recovery = z.infer<typeof recoverySchema>;
export type Recovered = z.infer<typeof recoveredSchema>;
