import { sql } from 'kysely';
import { forgetDevice } from '../ceremonies/known-device.ts';
import type { KnownDevice } from '../contract/index.ts';
import type { ServerContext } from './environment.ts';
import { problemResponse } from './problem-response.ts';
import type { Routes } from './routes.ts';
import { UUID } from './uuid.ts';

/** The person's known devices: what is remembered of them, and the way to have one forgotten. */
export function addKnownDeviceRoutes({ database }: ServerContext, routes: Routes): void {
  routes.read('/api/known-devices', 'member', async (c, { person }) => {
    const held = (c.get('source').device?.hashes() ?? []).map(toHex);
    const rows = await database.kysely
      .selectFrom('countersign.known_device')
      .selectAll()
      .where('user_id', '=', person.id)
      .where('expires_at', '>', sql<Date>`now()`)
      .orderBy('last_used_at', 'desc')
      .orderBy('id')
      .execute();
    const items = rows.map(
      (row): KnownDevice => ({
        id: row.id,
        current: held.includes(toHex(row.token_hash)),
        userAgent: row.user_agent,
        address: row.address,
        firstUsedAt: row.created_at.toISOString(),
        lastUsedAt: row.last_used_at.toISOString(),
        expiresAt: row.expires_at.toISOString(),
      }),
    );
    return c.json({ items, nextCursor: null });
  });
  routes.exempt(
    'DELETE',
    '/api/known-devices/:id',
    { reason: 'forgetting a device takes a lane away and gives none' },
    async (c, { person, session }) => {
      const source = c.get('source');
      const { requestId } = source;
      const id = c.req.param('id') ?? '';
      if (!UUID.test(id)) return problemResponse('not_found', { requestId });
      const { tenantId } = session;
      const isForgotten = await database.transaction((unit) =>
        forgetDevice(unit, { id, userId: person.id, tenantId, source }),
      );
      return isForgotten ? c.body(null, 204) : problemResponse('not_found', { requestId });
    },
  );
}

function toHex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}
