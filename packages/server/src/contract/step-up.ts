import { z } from 'zod';

/** The header that carries a grant on the one retry. */
export const GRANT_HEADER = 'Countersign-Grant';

/**
 * Ways to confirm an act: `idp` at the identity provider, `totp` and `passkey` with an authenticator,
 * `email` by an emailed code, which is a baseline and raises nothing.
 */
export const stepUpMethodSchema = z.enum(['totp', 'passkey', 'idp', 'email']);

/**
 * How sure the confirmation made us: `aal2-phr` is AAL2 by a phishing-resistant authenticator,
 * `aal2`, `reauth` (seen again at the provider, or with a known authenticator), `baseline` (an
 * emailed code, never more than the session's own level).
 */
export const confirmationSchema = z.enum(['baseline', 'reauth', 'aal2', 'aal2-phr']);

/**
 * What the person is shown and what the grant is bound to. `items` holds at most 20 names;
 * `total` counts them all.
 */
export const displaySchema = z.object({
  title: z.string(),
  action: z.string(),
  facts: z.array(z.object({ label: z.string(), value: z.string() })),
  items: z.array(z.string()).max(20),
  total: z.number().int().nonnegative(),
  itemsLabel: z.string(),
  irreversible: z.boolean(),
});

/**
 * A step-up that waits for its person. `methods` are those that would be accepted, the one that last
 * worked first. `windowSeconds` is how long confirming lasts: 0 for this one act.
 */
export const challengeSchema = z.object({
  id: z.uuid(),
  expiresAt: z.iso.datetime(),
  methods: z.array(stepUpMethodSchema),
  windowSeconds: z.number().int().nonnegative(),
  display: displaySchema,
});

/** `GET /api/step-up/{id}` */
export const stepUpSchema = z.object({
  status: z.enum(['open', 'verified', 'consumed', 'expired']),
  operation: z.string(),
  display: displaySchema,
  methods: z.array(stepUpMethodSchema),
  windowSeconds: z.number().int().nonnegative(),
  expiresAt: z.iso.datetime(),
});

/** `POST /api/step-up/{id}/begin` */
export const stepUpBeginRequestSchema = z.strictObject({ method: stepUpMethodSchema });

/**
 * What a method needs to go on: nothing for `totp`; WebAuthn request options (JSON form) for
 * `passkey`; where to send the browser for `idp`; where the code went for `email`.
 */
export const stepUpOptionsSchema = z.discriminatedUnion('method', [
  z.object({ method: z.literal('totp') }),
  z.object({ method: z.literal('passkey'), options: z.record(z.string(), z.unknown()) }),
  z.object({ method: z.literal('idp'), url: z.url(), state: z.string() }),
  z.object({
    method: z.literal('email'),
    sentTo: z.string(),
    expiresAt: z.iso.datetime(),
    resendAfterSeconds: z.number().int(),
  }),
]);

/** WebAuthn's `AuthenticationResponseJSON`, as far as it is read before the verifier sees it. */
export const assertionResponseSchema = z.object({
  id: z.string().max(2048),
  rawId: z.string().max(2048),
  type: z.literal('public-key'),
  response: z.object({
    clientDataJSON: z.string().max(8192),
    authenticatorData: z.string().max(8192),
    signature: z.string().max(8192),
    userHandle: z.string().max(512).nullish(),
  }),
  authenticatorAttachment: z.string().max(64).nullish(),
  clientExtensionResults: z.record(z.string(), z.unknown()).optional(),
});

/** The whole address the provider sent the browser back to, as the page there hands it on. */
export const providerResponseSchema = z.strictObject({ returnUrl: z.url().max(8192) });

const codeSchema = z.string().max(32);

/** `POST /api/step-up/{id}/verify` */
export const stepUpVerifyRequestSchema = z.discriminatedUnion('method', [
  z.strictObject({ method: z.literal('totp'), code: codeSchema }),
  z.strictObject({ method: z.literal('email'), code: codeSchema }),
  z.strictObject({ method: z.literal('passkey'), response: assertionResponseSchema }),
  z.strictObject({ method: z.literal('idp'), response: providerResponseSchema }),
]);

/**
 * `grant` is shown once and lives 60 s; it is null when the operation asked for recent
 * authentication, which then lasts until `expiresAt`.
 */
export const grantSchema = z.object({
  grant: z.string().nullable(),
  expiresAt: z.iso.datetime(),
});

/**
 * A passkey's signature over one act, complete enough to be checked by anyone offline.
 * The challenge in `clientDataJSON` is SHA-256 of the RFC 8785 form of
 * `{displayHash, nonce, operation, parametersHash}`. Binary values are unpadded base64url.
 */
export const actAssertionSchema = z.object({
  nonce: z.string(),
  origin: z.string(),
  rpId: z.string(),
  credentialId: z.string(),
  publicKey: z.record(z.string(), z.string()),
  clientDataJSON: z.string(),
  authenticatorData: z.string(),
  signature: z.string(),
});

/** Proof, for the person, of one committed act. Hashes are lower-case hex SHA-256. */
export const receiptSchema = z.object({
  id: z.uuid(),
  operation: z.string(),
  parametersHash: z.string(),
  displayHash: z.string(),
  tenantId: z.string(),
  /** Null when the act rested on recent authentication or on the password alone. */
  method: stepUpMethodSchema.nullable(),
  confirmation: confirmationSchema.nullable(),
  aal: z.number().int(),
  committedAt: z.iso.datetime(),
  entryHash: z.string(),
  /** Present when a passkey confirmed the act. */
  assertion: actAssertionSchema.optional(),
});

export type StepUpMethod = z.infer<typeof stepUpMethodSchema>;
export type Confirmation = z.infer<typeof confirmationSchema>;
export type Display = z.infer<typeof displaySchema>;
export type Challenge = z.infer<typeof challengeSchema>;
export type StepUp = z.infer<typeof stepUpSchema>;
export type StepUpOptions = z.infer<typeof stepUpOptionsSchema>;
export type StepUpVerifyRequest = z.infer<typeof stepUpVerifyRequestSchema>;
export type AssertionResponse = z.infer<typeof assertionResponseSchema>;
export type Grant = z.infer<typeof grantSchema>;
export type ActAssertion = z.infer<typeof actAssertionSchema>;
export type Receipt = z.infer<typeof receiptSchema>;
