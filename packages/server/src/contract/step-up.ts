import { z } from 'zod';

/** The header that carries a grant on the one retry. */
export const GRANT_HEADER = 'Countersign-Grant';

export const stepUpMethodSchema = z.enum(['totp']);

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

export const challengeSchema = z.object({
  id: z.uuid(),
  expiresAt: z.iso.datetime(),
  methods: z.array(stepUpMethodSchema),
  display: displaySchema,
});

/** `GET /api/step-up/{id}` */
export const stepUpSchema = z.object({
  status: z.enum(['open', 'verified', 'consumed', 'expired']),
  operation: z.string(),
  display: displaySchema,
  methods: z.array(stepUpMethodSchema),
  expiresAt: z.iso.datetime(),
});

/** `POST /api/step-up/{id}/verify` */
export const stepUpVerifyRequestSchema = z.strictObject({
  method: stepUpMethodSchema,
  code: z.string().max(32),
});

/** The grant is shown once and lives 60 s. */
export const grantSchema = z.object({ grant: z.string(), expiresAt: z.iso.datetime() });

/** Proof, for the person, of one committed act. Hashes are lower-case hex SHA-256. */
export const receiptSchema = z.object({
  id: z.uuid(),
  operation: z.string(),
  parametersHash: z.string(),
  displayHash: z.string(),
  tenantId: z.string(),
  method: stepUpMethodSchema,
  aal: z.number().int(),
  committedAt: z.iso.datetime(),
  entryHash: z.string(),
});

export type StepUpMethod = z.infer<typeof stepUpMethodSchema>;
export type Display = z.infer<typeof displaySchema>;
export type Challenge = z.infer<typeof challengeSchema>;
export type StepUp = z.infer<typeof stepUpSchema>;
export type Grant = z.infer<typeof grantSchema>;
export type Receipt = z.infer<typeof receiptSchema>;
