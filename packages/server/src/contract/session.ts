import { z } from 'zod';

/** RFC 8176 values in use; `recovery` has no registered value. */
export const methodSchema = z.enum(['pwd', 'otp', 'recovery']);

/** How sure we are who this is, and since when. Rotation never changes `authenticatedAt`. */
export const assuranceSchema = z.object({
  aal: z.number().int().min(1).max(2),
  methods: z.array(methodSchema),
  authenticatedAt: z.iso.datetime(),
});

/** `GET /api/session` */
export const sessionSchema = z.object({
  state: z.enum(['none', 'pending', 'active']),
  needs: z.array(z.enum(['challenge'])),
  user: z.object({ id: z.string(), name: z.string(), email: z.string() }).nullable(),
  tenant: z
    .object({
      id: z.string(),
      name: z.string(),
      role: z.enum(['administrator', 'person']),
    })
    .nullable(),
  assurance: assuranceSchema.nullable(),
  /** Where development mail can be read; null outside a loopback installation. */
  mailPage: z.string().nullable(),
});

/** One of `GET /api/authenticators` `items`. */
export const authenticatorSchema = z.object({
  id: z.string(),
  type: z.enum(['totp']),
  boundAt: z.iso.datetime(),
  lastUsedAt: z.iso.datetime().nullable(),
  locked: z.boolean(),
});

/** `GET /api/recovery-codes` */
export const recoveryCodesSchema = z.object({
  remaining: z.number().int(),
  total: z.number().int(),
  issuedAt: z.iso.datetime().nullable(),
});

/** One of `GET /api/sessions` `items`. */
export const sessionItemSchema = z.object({
  id: z.string(),
  current: z.boolean(),
  userAgent: z.string(),
  address: z.string(),
  aal: z.number().int(),
  methods: z.array(methodSchema),
  authenticatedAt: z.iso.datetime(),
  lastSeenAt: z.iso.datetime(),
});

export type AuthenticationMethod = z.infer<typeof methodSchema>;
export type Assurance = z.infer<typeof assuranceSchema>;
export type Session = z.infer<typeof sessionSchema>;
export type Authenticator = z.infer<typeof authenticatorSchema>;
export type RecoveryCodes = z.infer<typeof recoveryCodesSchema>;
export type SessionItem = z.infer<typeof sessionItemSchema>;
