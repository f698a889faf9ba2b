import { z } from 'zod';
import { methodSchema } from './session.ts';

export const outcomeSchema = z.enum(['success', 'failure', 'denied']);

/**
 * One of `GET /api/audit/events` `items`. `actor` and `source` are joined from the erasable table
 * and null once erased; `leafHash` is hex SHA-256(0x00 || entry), `entry` base64 of its final bytes.
 */
export const auditEventSchema = z.object({
  id: z.uuid(),
  at: z.iso.datetime(),
  event: z.string(),
  outcome: outcomeSchema,
  actor: z.object({ id: z.string().nullable(), email: z.string().nullable() }),
  onBehalfOf: z.string().nullable(),
  tenantId: z.string().nullable(),
  operation: z.string().nullable(),
  methods: z.array(methodSchema),
  aal: z.number().int().nullable(),
  source: z.string().nullable(),
  requestId: z.string().nullable(),
  reason: z.string().nullable(),
  count: z.number().int(),
  leafHash: z.string(),
  entry: z.string(),
});

/** `GET /api/audit/events`; `events` and `operations` are the values to filter by. */
export const auditPageSchema = z.object({
  items: z.array(auditEventSchema),
  nextCursor: z.string().nullable(),
});

export type Outcome = z.infer<typeof outcomeSchema>;
export type AuditEvent = z.infer<typeof auditEventSchema>;
export type AuditPage = z.infer<typeof auditPageSchema>;
