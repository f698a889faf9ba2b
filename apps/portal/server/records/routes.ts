import type { ReadableStream } from 'node:stream/web';
import {
  problemResponse,
  type Routes,
  type ServerContext,
  sourceFields,
} from '@countersign/server';
import type { PortalGuard } from '../app.ts';
import { importCsv } from './import-csv.ts';
import { listQuerySchema, listRecords } from './list-records.ts';
import { purgeRecords } from './purge.ts';

/** Imports at once in one process; each holds a database connection while it stores. */
const MAX_IMPORTS = 3;

/** Records: members list, import and, each time confirmed, delete. */
export function addRecordRoutes(context: ServerContext, routes: Routes, guard: PortalGuard): void {
  const { database } = context;
  let importing = 0;
  routes.read('/api/records', 'member', async (c, { tenant }) => {
    const query = listQuerySchema.safeParse(c.req.query());
    if (!query.success) {
      return problemResponse('parameters_invalid', {
        requestId: c.get('source').requestId,
        errors: query.error.issues.map((issue) => ({
          path: issue.path.join('.'),
          message: issue.message,
        })),
      });
    }
    return c.json(await listRecords(database, { ...query.data, tenantId: tenant.id }));
  });

  routes.exempt(
    'POST',
    '/api/records/import',
    { reason: 'adds rows and can neither change nor reveal one' },
    async (c, member) => {
      const source = c.get('source');
      const { requestId } = source;
      if (!/^text\/csv\b/i.test(c.req.header('content-type') ?? '')) {
        return problemResponse('media_type_unsupported', { requestId });
      }
      if (importing >= MAX_IMPORTS) {
        return problemResponse('unavailable', { requestId, retryAfterSeconds: 5 });
      }
      const { body } = c.req.raw;
      if (body === null) return problemResponse('malformed', { requestId });
      importing += 1;
      const result = await importCsv(database, {
        body: body as ReadableStream<Uint8Array>,
        tenantId: member.tenant.id,
        record: async (unit, imported) => {
          await unit.record({
            event: 'records.imported',
            outcome: 'success',
            actorId: member.person.id,
            tenantId: member.tenant.id,
            aal: member.session.aal,
            methods: member.session.methods,
            requestId,
            details: { imported },
            personal: sourceFields(source),
          });
        },
      }).finally(() => {
        importing -= 1;
      });
      switch (result.kind) {
        case 'imported':
          return c.json({ imported: result.imported }, 201);
        case 'too_large':
          return problemResponse('payload_too_large', { requestId });
        case 'invalid':
          return problemResponse('parameters_invalid', { requestId, errors: result.faults });
      }
    },
  );

  guard(
    { method: 'POST', path: '/api/records/purge' },
    'records.purge',
    async (c, params, proof) => {
      const { tenantId } = proof.actor;
      return c.json(await proof.commit((tx) => purgeRecords(tx, { ...params, tenantId })));
    },
  );
}
