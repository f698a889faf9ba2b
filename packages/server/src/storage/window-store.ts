import type { ClientBase } from 'pg';
import type { WindowStore } from '../ceremonies/ports.ts';

const COUNT = {
  name: 'countersign-count-in-window',
  text: `
    insert into countersign.source_window as w (source, kind, minute, requests)
    values ($1, $2, date_trunc($3, now(), 'UTC'), 1)
    on conflict (source, kind, minute) do update set requests = w.requests + 1
    where $4::int is null or w.requests < $4
    returning requests`,
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
