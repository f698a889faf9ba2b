import { z } from 'zod';
import { listSecurityEvents } from '../storage/security-history-query.ts';
import type { ServerContext } from './environment.ts';
import { problemResponse } from './problem-response.ts';
import type { Routes } from './routes.ts';

const querySchema = z.strictObject({
  cursor: z
    .string()
    .regex(/^\d{1,18}$/)
    .optional(),
  limit: z.coerce.number().int().min(1).max(100).default(50),
});

/** What happened to the asking person's own account; there is no way to name another's. */
export function addSecurityHistoryRoute({ database }: ServerContext, routes: Routes): void {
  routes.read('/api/security-history', 'member', async (c, { person }) => {
    const query = querySchema.safeParse(c.req.query());
    if (!query.success) {
      return problemResponse('parameters_invalid', {
        requestId: c.get('source').requestId,
        errors: query.error.issues.map(({ path, message }) => ({ path: path.join('.'), message })),
      });
    }
    const asked = { ...query.data, userId: person.id };
    return c.json(await listSecurityEvents(database.kysely, asked));
  });
}
