import {
  parseJsonBody,
  problemResponse,
  queryFault,
  type RouteContext,
  type Routes,
  recordBlocked,
  type ServerContext,
  sourceFields,
} from '@countersign/server';
import { authenticateKey, type KeyRefusal, type LivingKey } from './authenticate-key.ts';
import {
  addForKey,
  keyedPageSchema,
  newRecordsSchema,
  readForKey,
  whose,
} from './keyed-records.ts';
import type { ApiKeyScope } from './tables.ts';

/** What programs reach with an API key. No session counts here, and a key runs no ceremony. */
export function addKeyedRoutes(context: ServerContext, routes: Routes): void {
  const { database } = context;
  routes.keyed(
    'GET',
    '/v1/records',
    { reason: 'reads a page with records:read, each paid with a credit' },
    (c) =>
      withKey(context, c, 'records:read', async (key) => {
        const source = c.get('source');
        const query = keyedPageSchema.safeParse(c.req.query());
        if (!query.success) return queryFault(query.error, source.requestId);
        const result = await readForKey(database, { key, source }, query.data);
        return result.kind === 'read' ? c.json(result.page) : refuseKey(context, c, result);
      }),
  );

  routes.keyed(
    'POST',
    '/v1/records',
    { reason: 'adds records with records:write, each paid with a credit' },
    (c) =>
      withKey(context, c, 'records:write', async (key) => {
        const source = c.get('source');
        const { requestId } = source;
        const body = await parseJsonBody(c.req.raw, newRecordsSchema, requestId);
        if (body instanceof Response) return body;
        const result = await addForKey(database, { key, source }, body.value.records);
        switch (result.kind) {
          case 'added':
            return c.json({ ids: result.ids }, 201);
          case 'clash':
            return problemResponse('conflict', {
              requestId,
              errors: result.at.map((index) => ({
                path: `records.${index}.externalId`,
                message: 'is there already',
              })),
            });
          case 'refused':
            return refuseKey(context, c, result);
        }
      }),
  );
}

async function withKey(
  context: ServerContext,
  c: RouteContext,
  scope: ApiKeyScope,
  handle: (key: LivingKey) => Promise<Response>,
): Promise<Response> {
  c.header('cache-control', 'no-store');
  const authorization = c.req.header('authorization');
  const result = await authenticateKey(context.database, { authorization, scope });
  return result.kind === 'refused' ? refuseKey(context, c, result) : handle(result.key);
}

/** Answers a refused key and records it, within the limit of its source. */
async function refuseKey(
  { database }: ServerContext,
  c: RouteContext,
  { code, reason, key, retryAfterSeconds }: KeyRefusal,
): Promise<Response> {
  const source = c.get('source');
  const { requestId } = source;
  await recordBlocked(database, source.address, {
    event: 'api-key.refused',
    outcome: 'denied',
    ...whose(key),
    requestId,
    reason,
    details: { method: c.req.method, ...(key === null ? {} : { keyId: key.id }) },
    personal: sourceFields(source),
  });
  const wait = retryAfterSeconds === undefined ? {} : { retryAfterSeconds };
  return problemResponse(code, { requestId, ...wait });
}
