import {
  createGuard,
  operation,
  type Routes,
  type ServerContext,
  type Tx,
} from '@countersign/server';
import { z } from 'zod';
import { describeNote, eraseNote } from './notes.ts';

const erase = operation(z.strictObject({ id: z.uuid() }))
  .authorize((actor, _params, _tx: Tx) => actor.role === 'administrator')
  .resolve(({ id }, tx) => describeNote(tx, id))
  .requires({ acr: 'aal2', maxAge: 0 });

export function addNotes(context: ServerContext, routes: Routes): void {
  const guard = createGuard(context, routes, { 'notes.erase': erase });
  guard({ method: 'DELETE', path: '/api/notes/:id' }, 'notes.erase', async (c, { id }, proof) =>
    c.json(await proof.commit((tx) => eraseNote(tx, id))),
  );
}
