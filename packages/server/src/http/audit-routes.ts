import { z } from 'zod';
import { outcomeSchema } from '../contract/index.ts';
import { listAuditEvents } from '../storage/audit-query.ts';
import type { ServerContext } from './environment.ts';
import { queryFault } from './query-fault.ts';
import type { Routes } from './routes.ts';

const querySchema = z.object({
  from: z.iso.datetime({ offset: true }).pipe(z.coerce.date()).optional(),
  to: z.iso.datetime({ offset: true }).pipe(z.coerce.date()).optional(),
  actor: z
    .string()
    .max(200)
    .transform((text) => text.replaceAll('\u0000', ''))
    .optional(),
  event: z.string().max(100).optional(),
  operation: z.string().max(100).optional(),
  outcome: outcomeSchema.optional(),
  cursor: z
    .string()
    .regex(/^\d{1,18}$/)
    .optional(),
  limit: z.coerce.number().int().min(1).max(100).default(50),
});

/** Administrators read their tenant's entries; those of the platform tenant also what belongs to none. */
export function addAuditRoutes({ database }: ServerContext, routes: Routes): void {
  routes.read('/api/audit/events', 'administrator', async (c, { tenant }) => {
    const given = Object.entries(c.req.query()).filter(([, value]) => value !== '');
    const query = querySchema.safeParse(Object.fromEntries(given));
    if (!query.success) {
      return queryFault(query.error, c.get('source').requestId);
    }
    return c.json(
      await listAuditEvents(database.kysely, {
        ...query.data,
        tenantId: tenant.id,
        includeUnattributed: tenant.platform,
      }),
    );
  });
}
