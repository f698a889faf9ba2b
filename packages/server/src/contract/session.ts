import { z } from 'zod';
import { sessionRecoverySchema } from './recovery.ts';

/**
 * RFC 8176 values in use: `pop` is a passkey. `recovery`, `idp` (the identity provider) and `email`
 * have no registered value.
 */
export const methodSchema = z.enum(['pwd', 'otp', 'pop', 'recovery', 'idp', 'email']);

/** How sure we are who this is, and since when. Rotation never changes `authenticatedAt`. */
export const assuranceSchema = z.object({
  aal: z.number().int().min(1).max(2),
  methods: z.array(methodSchema),
  authenticatedAt: z.iso.datetime(),
});

/** Why a session ends by itself: nobody used it, or it is as old as policy lets one become. */
export const expiryReasonSchema = z.enum(['inactivity', 'absolute']);

/**
 * Sent, with any value, by a request that a page makes by itself, such as a poll: it is answered like any
 * other, and does not keep the session from ending for want of use.
 */
export const BACKGROUND_HEADER = 'countersign-background';

/** When a session ends if nothing more happens in it. */
export const sessionExpirySchema = z.object({
  expiresAt: z.iso.datetime(),
  reason: expiryReasonSchema,
  /** Whole seconds until then when this was answered, by the server's clock: a browser's may be wrong. */
  secondsLeft: z.number().int().nonnegative(),
});

/** `GET /api/session` */
export const sessionSchema = z.object({
  state: z.enum(['none', 'pending', 'active']),
  needs: z.array(z.enum(['challenge', 'enrolment'])),
  /** What may answer the challenge of a pending session; empty otherwise. */
  methods: z.array(z.enum(['totp', 'passkey', 'recovery-code'])),
  user: z.object({ id: z.string(), name: z.string(), email: z.string() }).nullable(),
  /** Where the person is signed in; of a pending session only where it is who asks for an enrolment. */
  tenant: z
    .object({
      id: z.string(),
      name: z.string(),
      role: z.enum(['administrator', 'person']),
    })
    .nullable(),
  assurance: assuranceSchema.nullable(),
  /** When this session ends by itself; null without one. Asking does not put it off. */
  expiry: sessionExpirySchema.nullable(),
  /**
   * What the person must have that they have not: `requirement`, in force since or from `at`, and whether
   * the code from their address was typed in this session, without which nothing is enrolled once it is
   * in force. Null when they have what is asked.
   */
  enforcement: z
    .object({
      requirement: z.enum(['required', 'required-phishing-resistant']),
      at: z.iso.datetime(),
      isInForce: z.boolean(),
      isAddressProved: z.boolean(),
    })
    .nullable(),
  /** What this session may replace because it is lost; null when it may not. */
  recovery: sessionRecoverySchema.nullable(),
  /** True when the person's organisation sign-in is known, so that `idp` may be offered. */
  hasIdentity: z.boolean(),
  /** Where development mail can be read; null outside a loopback installation. */
  mailPage: z.string().nullable(),
});

/**
 * One of `GET /api/authenticators` `items`. `synced` says whether a passkey is copied between devices;
 * null for an authenticator app.
 */
export const authenticatorSchema = z.object({
  id: z.string(),
  type: z.enum(['totp', 'passkey']),
  name: z.string(),
  synced: z.boolean().nullable(),
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

/** `POST /api/session/extend`: counts as activity. */
export const sessionExtendedSchema = z.object({ expiry: sessionExpirySchema });

/** `DELETE /api/sessions`: every session of the person but the one that asks. */
export const sessionsEndedSchema = z.object({ ended: z.number().int() });
/** `POST /api/wasnt-me`: the fragment of the link in a mail. */
export const repudiationRequestSchema = z.strictObject({ token: z.string().max(400) });

/** One of `GET /api/known-devices` `items`: a browser the person signed in on in full. */
export const knownDeviceSchema = z.object({
  id: z.uuid(),
  /** Whether it is the browser that asks. */
  current: z.boolean(),
  userAgent: z.string(),
  address: z.string(),
  firstUsedAt: z.iso.datetime(),
  lastUsedAt: z.iso.datetime(),
  expiresAt: z.iso.datetime(),
});

/** `POST /api/authenticators/passkeys/options`: WebAuthn creation options (JSON form), good for 5 minutes. */
export const passkeyEnrolmentSchema = z.object({
  id: z.uuid(),
  options: z.record(z.string(), z.unknown()),
  expiresAt: z.iso.datetime(),
});

/** WebAuthn's `RegistrationResponseJSON`, as far as it is read before the verifier sees it. */
export const registrationResponseSchema = z.object({
  id: z.string().max(2048),
  rawId: z.string().max(2048),
  type: z.literal('public-key'),
  response: z.object({
    clientDataJSON: z.string().max(8192),
    attestationObject: z.string().max(65_536),
    transports: z.array(z.string().max(32)).max(10).optional(),
  }),
  authenticatorAttachment: z.string().max(64).nullish(),
  clientExtensionResults: z.record(z.string(), z.unknown()).optional(),
});

/** `POST /api/enrolment/code` answers where the code went, masked, until when it works, and when to ask again. */
export const addressCodeSentSchema = z.object({
  sentTo: z.string(),
  expiresAt: z.iso.datetime(),
  resendAfterSeconds: z.number().int(),
});

/** `POST /api/enrolment/code/verify` */
export const addressCodeRequestSchema = z.strictObject({ code: z.string().max(32) });

/** Its answer. */
export const addressProvedSchema = z.object({ isAddressProved: z.literal(true) });

/** `POST /api/authenticators/passkeys` */
export const passkeyBindRequestSchema = z.strictObject({
  id: z.uuid(),
  response: registrationResponseSchema,
});

/** Its answer; `recoveryCodes` are given once, with the first authenticator a person binds. */
export const passkeyBoundSchema = z.object({
  authenticator: authenticatorSchema,
  recoveryCodes: z.array(z.string()).optional(),
});

export type AddressCodeSent = z.infer<typeof addressCodeSentSchema>;
export type AuthenticationMethod = z.infer<typeof methodSchema>;
export type Assurance = z.infer<typeof assuranceSchema>;
export type Session = z.infer<typeof sessionSchema>;
export type Authenticator = z.infer<typeof authenticatorSchema>;
export type RecoveryCodes = z.infer<typeof recoveryCodesSchema>;
export type PasskeyEnrolment = z.infer<typeof passkeyEnrolmentSchema>;
export type RegistrationResponse = z.infer<typeof registrationResponseSchema>;
export type PasskeyBound = z.infer<typeof passkeyBoundSchema>;
export type ExpiryReason = z.infer<typeof expiryReasonSchema>;
export type SessionExpiry = z.infer<typeof sessionExpirySchema>;
export type KnownDevice = z.infer<typeof knownDeviceSchema>;
export type SessionItem = z.infer<typeof sessionItemSchema>;
