import {
  type Member,
  problemResponse,
  type RouteContext,
  type Routes,
  refuse,
  type ServerContext,
  sourceFields,
} from '@countersign/server';
import { z } from 'zod';
import type { PortalGuard } from '../app.ts';
import { streamParts, takeExport } from './download-export.ts';
import { type ExportReader, findExport, listExports } from './list-exports.ts';
import { requestExport } from './request-export.ts';

/** Exports: administrators ask, each time confirmed; the asking session fetches the file, once. */
export function addExportRoutes(context: ServerContext, routes: Routes, guard: PortalGuard): void {
  const { database } = context;
  guard(
    { method: 'POST', path: '/api/exports', status: 202 },
    'data.export',
    async (c, { format }, proof) => {
      const { actor } = proof;
      const answer = await proof.commit(async (tx, act) => {
        const { id, rowsTotal } = await requestExport(tx, { actor, format });
        act.changed({ after: { exportId: id, format, rows: rowsTotal } });
        return { id };
      });
      return c.json(answer, 202);
    },
  );

  routes.read('/api/exports', 'member', async (c, member) => {
    const items = await database.transaction(({ tx }) => listExports(tx, readerOf(member)));
    return c.json({ items, nextCursor: null });
  });

  routes.read('/api/exports/:id', 'member', async (c, member) => {
    const id = exportId(c);
    const found =
      id !== null && (await database.transaction(({ tx }) => findExport(tx, readerOf(member), id)));
    return found ? c.json(found) : notFound(c);
  });

  routes.read('/api/exports/:id/file', 'member', (c, member) => download(context, c, member));
}

/** The one GET that consumes: bound to the session, and deaf to links on other sites. */
async function download(
  context: ServerContext,
  c: RouteContext,
  member: Member,
): Promise<Response> {
  const site = c.req.header('sec-fetch-site') ?? 'none';
  if (site !== 'same-origin' && site !== 'none') return refuse(context, c, 'origin_rejected');
  const id = exportId(c);
  // Asking for the headers alone must not spend the file.
  if (id === null || c.req.method !== 'GET') return notFound(c);
  const { database, onError } = context;
  const source = c.get('source');
  const { requestId } = source;
  const { aal, methods } = member.session;
  const taken = await takeExport(database, {
    id,
    owner: readerOf(member),
    entry: { requestId, aal, methods, personal: sourceFields(source) },
  });
  if (taken === null) return notFound(c);
  const body = streamParts(database.pool, taken, (error) => onError(error, requestId));
  const day = taken.createdAt.toISOString().slice(0, 10);
  return c.body(body, 200, {
    'content-type': 'application/zip',
    'content-length': String(taken.bytes),
    'content-disposition': `attachment; filename="records-${day}.zip"`,
    'cache-control': 'no-store',
  });
}

function readerOf({ session, tenant }: Member): ExportReader {
  return {
    sid: session.sid,
    userId: session.userId,
    tenantId: tenant.id,
    isAdministrator: tenant.role === 'administrator',
  };
}

function exportId(c: RouteContext): string | null {
  return z.uuid().safeParse(c.req.param('id')).data ?? null;
}

function notFound(c: RouteContext): Response {
  return problemResponse('not_found', { requestId: c.get('source').requestId });
}
