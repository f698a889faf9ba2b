import { z } from 'zod';
import { outcomeSchema } from './audit.ts';
import { methodSchema } from './session.ts';

/** One of `GET /api/security-history` `items`: what happened to the person's own account. */
export const securityEventSchema = z.object({
  id: z.string(),
  at: z.iso.datetime(),
  /** A name from the event catalogue. */
  event: z.string(),
  outcome: outcomeSchema,
  /** Of an event around an operation, which. */
  operation: z.string().nullable(),
  methods: z.array(methodSchema),
  /** Why a session ended; what was wrong with a refused answer is told to nobody but the audit. */
  reason: z.string().nullable(),
  /** Where it came from; null where nothing did, or the address was erased. */
  address: z.string().nullable(),
  userAgent: z.string().nullable(),
});

/** `GET /api/security-history`, newest first. */
export const securityHistorySchema = z.object({
  items: z.array(securityEventSchema),
  nextCursor: z.string().nullable(),
});

export type SecurityEvent = z.infer<typeof securityEventSchema>;
export type SecurityHistory = z.infer<typeof securityHistorySchema>;
