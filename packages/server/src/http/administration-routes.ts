import { sql } from 'kysely';
import { policyPreviewRequestSchema } from '../contract/index.ts';
import { previewPolicy } from '../storage/policy-preview.ts';
import type { ServerContext } from './environment.ts';
import { parseJsonBody } from './parse-json-body.ts';
import { type Routes, refuse } from './routes.ts';

/** What administrators look at before they change it: members and policy. */
export function addAdministrationRoutes(context: ServerContext, routes: Routes): void {
  const { database } = context;
  routes.read('/api/members', 'administrator', async (c, { tenant }) => {
    const rows = await database.kysely
      .selectFrom('member as m')
      .innerJoin('user as u', 'u.id', 'm.userId')
      .select(['u.id', 'u.name', 'u.email', 'm.role', 'm.createdAt'])
      .select(
        sql<number>`(select count(*)::int from countersign.authenticator a
          where a.user_id = u.id and a.bound_at is not null)`.as('authenticators'),
      )
      .where('m.organizationId', '=', tenant.id)
      .orderBy('u.name')
      .orderBy('u.id')
      .limit(500)
      .execute();
    const items = rows.map(({ createdAt, ...row }) => ({
      ...row,
      joinedAt: createdAt.toISOString(),
    }));
    return c.json({ items, nextCursor: null });
  });
  routes.read('/api/policy', 'administrator', async (c, { tenant }) => {
    const { version, policy } = await database.transaction((unit) => unit.policies.find(tenant.id));
    c.header('etag', `"${version}"`);
    return c.json({ version, policy, issuer: context.identityProvider?.issuer ?? null });
  });
  routes.exempt(
    'POST',
    '/api/policy/preview',
    { reason: 'changes nothing: says who would lack what a policy asks for' },
    async (c, { tenant }) => {
      const { requestId } = c.get('source');
      if (tenant.role !== 'administrator') return refuse(context, c, 'forbidden');
      const body = await parseJsonBody(c.req.raw, policyPreviewRequestSchema, requestId);
      if (body instanceof Response) return body;
      const asked = { tenantId: tenant.id, mfa: body.value.mfa };
      return c.json(await previewPolicy(database.pool, asked));
    },
  );
}
