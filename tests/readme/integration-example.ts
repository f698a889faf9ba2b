import type { ServerContext, Tx } from '@countersign/server';
import { createGuard, createRoutes, defineOperations, operation } from '@countersign/server';
import { z } from 'zod';

const operations = defineOperations({
  'notes.erase': operation(z.strictObject({ id: z.uuid() }))
    .authorize((actor, _params, _tx: Tx) => actor.role === 'administrator')
    .resolve(async ({ id }) => ({
      title: 'Erase this note',
      action: 'Erase',
      facts: [],
      itemsLabel: 'Note',
      items: [id],
      irreversible: true,
    }))
    .requires({ acr: 'aal2', maxAge: 0 }),
});

export function addNotes(context: ServerContext, eraseNote: (tx: Tx, id: string) => Promise<void>) {
  const routes = createRoutes(context);
  const guard = createGuard(context, routes, operations);
  guard({ method: 'DELETE', path: '/api/notes/:id' }, 'notes.erase', async (c, { id }, proof) =>
    c.json(
      await proof.commit(async (tx) => {
        await eraseNote(tx, id);
        return { erased: id };
      }),
    ),
  );
  return routes.hono;
}
