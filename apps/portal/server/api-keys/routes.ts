import type { Routes, ServerContext } from '@countersign/server';
import type { PortalGuard } from '../app.ts';
import { createKey } from './create-key.ts';
import { listKeys } from './list-keys.ts';
import { revokeKey } from './revoke-key.ts';

/** API keys: administrators list, create and revoke them. */
export function addApiKeyRoutes(context: ServerContext, routes: Routes, guard: PortalGuard): void {
  const { database, random } = context;
  routes.read('/api/api-keys', 'administrator', async (c, { tenant }) => {
    const items = await database.transaction(({ tx }) => listKeys(tx, tenant.id));
    return c.json({ items, nextCursor: null });
  });

  guard(
    { method: 'POST', path: '/api/api-keys', status: 201 },
    'api-key.create',
    async (c, params, proof) => {
      const { actor } = proof;
      const answer = await proof.commit(async (tx, act) => {
        const created = await createKey(tx, { actor, params, random });
        const { expiresAt, scopes, name } = params;
        act.changed({
          after: { keyId: created.id, scopes: scopes.join(' '), expiresAt },
          personalAfter: { name },
        });
        return created;
      });
      return c.json(answer, 201);
    },
  );

  guard(
    { method: 'DELETE', path: '/api/api-keys/:id' },
    'api-key.revoke',
    async (c, { id }, proof) => {
      const { tenantId } = proof.actor;
      return c.json(
        await proof.commit(async (tx, act) => {
          act.changed({
            before: { keyId: id, isRevoked: false },
            after: { keyId: id, isRevoked: true },
          });
          return revokeKey(tx, { tenantId, id });
        }),
      );
    },
  );
}
