import type { ReadableStream } from 'node:stream/web';
import {
  problemResponse,
  queryFault,
  type Routes,
  refuse,
  type ServerContext,
  sourceFields,
} from '@countersign/server';
import type { PortalGuard } from '../app.ts';
import { importCsv } from './import-csv.ts';
import { listQuerySchema, listRecords } from './list-records.ts';
import { purgeRecords } from './purge.ts';
import { chargeReading } from './read-budget.ts';

/** Imports at once in one process; each holds a database connection while it stores. */
const MAX_IMPORTS = 3;

/** Records: members list, import and, each time confirmed, delete. */
export function addRecordRoutes(context: ServerContext, routes: Routes, guard: PortalGuard): void {
  const { database } = context;
  let importing = 0;
  routes.read('/api/records', 'member', async (c, { person, tenant }) => {
    const query = listQuerySchema.safeParse(c.req.query());
    const { requestId } = c.get('source');
    if (!query.success) return queryFault(query.error, requestId);
    const reading = { userId: person.id, tenantId: tenant.id };
    const result = await database.transaction(async (unit) => {
      const page = await listRecords(unit.tx, { ...query.data, tenantId: tenant.id });
      const charged = await chargeReading(unit.tx, { ...reading, rows: page.items.length });
      return charged.kind === 'spent' ? charged : { kind: 'read' as const, page };
    });
    if (result.kind === 'read') return c.json(result.page);
    // Recorded within the limit of its source; the answer also says how long to wait.
    await refuse(context, c, 'read_budget_spent');
    const { retryAfterSeconds } = result;
    return problemResponse('read_budget_spent', { requestId, retryAfterSeconds });
  });

  routes.exempt(
    'POST',
    '/api/records/import',
    { reason: 'adds rows and can change none; a clash tells no more than that an id is taken' },
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
