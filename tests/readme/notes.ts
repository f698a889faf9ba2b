import type { Resolved, Tx } from '@countersign/server';
import { sql } from 'kysely';

/** What the example of the README stands on. */
export async function describeNote(tx: Tx, id: string): Promise<Resolved | null> {
  const found = await sql<{ title: string }>`select title from note where id = ${id}`.execute(tx);
  const note = found.rows[0];
  if (note === undefined) return null;
  return {
    title: 'Erase this note',
    action: 'Erase',
    facts: [],
    itemsLabel: 'Note',
    items: [note.title],
    irreversible: true,
  };
}

export async function eraseNote(tx: Tx, id: string): Promise<{ erased: string }> {
  await sql`delete from note where id = ${id}`.execute(tx);
  return { erased: id };
}
