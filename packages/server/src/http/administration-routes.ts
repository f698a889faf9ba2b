import { z } from 'zod';
import { policyPreviewRequestSchema } from '../contract/index.ts';
import { listMembers } from '../storage/member-list.ts';
import { previewPolicy } from '../storage/policy-preview.ts';
import { readProviderFigures } from '../storage/provider-figures.ts';
import type { ServerContext } from './environment.ts';
import { cutPage, namedPageQuery } from './named-page.ts';
import { parseJsonBody } from './parse-json-body.ts';
import { queryFault } from './query-fault.ts';
import { type Routes, refuse } from './routes.ts';

const membersQuerySchema = namedPageQuery(z.string().regex(/^\P{Cc}{1,200}$/u));

/** What administrators look at before they change it: members and policy. */
export function addAdministrationRoutes(context: ServerContext, routes: Routes): void {
  const { database } = context;
  routes.read('/api/members', 'administrator', async (c, { tenant }) => {
    const query = membersQuerySchema.safeParse(c.req.query());
    if (!query.success) return queryFault(query.error, c.get('source').requestId);
    const { limit } = query.data;
    const rows = await listMembers(database.kysely, { ...query.data, tenantId: tenant.id });
    const { shown, nextCursor } = cutPage(rows, limit);
    const items = shown.map(({ createdAt, frozenAt, ...row }) => ({
      ...row,
      frozenAt: frozenAt?.toISOString() ?? null,
      joinedAt: createdAt.toISOString(),
    }));
    return c.json({ items, nextCursor });
  });
  routes.read('/api/policy', 'administrator', async (c, { tenant }) => {
    const { version, policy, recorded } = await database.transaction(async (unit) => ({
      ...(await unit.policies.find(tenant.id)),
      recorded: await unit.tenantProviders.find(tenant.id),
    }));
    c.header('etag', `"${version}"`);
    return c.json({ version, policy, issuer: context.identityProviders.issuerOf(recorded) });
  });
  routes.read('/api/identity-provider', 'administrator', async (c, { tenant }) => {
    const { identityProviders } = context;
    const { recorded, policy } = await database.transaction(async (unit) => ({
      recorded: await unit.tenantProviders.find(tenant.id),
      policy: (await unit.policies.find(tenant.id)).policy,
    }));
    const issuer = identityProviders.issuerOf(recorded);
    const { version, signInName, maxAgeSeconds, own } = recorded;
    const { mfaAcr, mfaAmr } = policy.identityProvider;
    const figures = await readProviderFigures(database.pool, { tenantId: tenant.id, issuer });
    c.header('etag', `"${version}"`);
    return c.json({
      version,
      signInName,
      own: own === null ? null : { issuer: own.issuer, clientId: own.clientId },
      maxAgeSeconds,
      issuer,
      redirectUris: Object.values(identityProviders.redirectUrisOf(tenant.id)),
      policy: { mfaAcr, mfaAmr },
      ...figures,
    });
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
      return c.json(await previewPolicy(database, asked));
    },
  );
}
