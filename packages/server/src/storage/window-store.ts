import type { ClientBase } from 'pg';
import type { WindowStore } from '../ceremonies/ports.ts';

/**
 * Counts one in a window. The parameters are named: key, kind, length of the window and how many it
 * takes, null for any number. Gives `requests`, or no row when there are that many already.
 */
export function countInWindow(key: string, kind: string, per: string, atMost: string): string {
  return `
    insert into countersign.source_window as w (source, kind, minute, requests)
    values (${key}, ${kind}, date_trunc(${per}, now(), 'UTC'), 1)
    on conflict (source, kind, minute) do update set requests = w.requests + 1
    where ${atMost}::int is null or w.requests < ${atMost}
    returning requests`;
}

const COUNT = {
  name: 'countersign-count-in-window',
  text: countInWindow('$1', '$2', '$3', '$4'),
} as const;

export function windowStore(client: ClientBase): WindowStore {
  return {
    count: async ({ key, kind, per, atMost }) => {
      const values = [key, kind, per, atMost ?? null];
      const { rows } = await client.query<{ requests: number }>({ ...COUNT, values });
      return rows[0]?.requests ?? null;
    },
  };
}
