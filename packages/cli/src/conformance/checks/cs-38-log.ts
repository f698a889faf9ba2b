import { leafHash } from '@countersign/log';
import { itemsOf } from '../acts.ts';
import { defineCheck, NotTried } from '../check.ts';
import { type Person, signIn } from '../person.ts';
import type { Sent } from '../visitor.ts';

interface Stage {
  readonly person: Person;
}

const LIST = '/api/audit/events';

export const log = defineCheck<Stage>({
  id: 'CS-38',
  rule: 'Editing, deleting, reordering, inserting, cutting off and rolling back the log are detected offline.',
  prepare: async (ground) => {
    const [person] = await ground.hire({ roles: ['administrator'] });
    return { person: await signIn(person) };
  },
  attempts: [
    {
      what: 'change, delete and insert entries through the API, as an administrator',
      expected: 'refused, and every entry as it was',
      act: async ({ person: { visitor } }) => {
        const before = await itemsOf(visitor, `${LIST}?limit=100`);
        const [entry] = before;
        if (entry === undefined) throw new NotTried('the list is empty');
        const paths = [LIST, `${LIST}/${String(entry['id'])}`];
        const json = { ...entry, reason: 'nothing happened' };
        const methods: readonly Sent['method'][] = ['POST', 'PUT', 'PATCH', 'DELETE'];
        const open: string[] = [];
        for (const path of paths) {
          for (const method of methods) {
            const { status } = await visitor.send({ method, path, json });
            if (status < 400) open.push(`${method} ${path.replace(String(entry['id']), 'ID')}`);
          }
        }
        const after = await itemsOf(visitor, `${LIST}?limit=100`);
        const asTheyWere = before.every((it) =>
          after.some((other) => JSON.stringify(other) === JSON.stringify(it)),
        );
        const saw = `${open.length === 0 ? 'all refused' : open.join(', ')}, ${asTheyWere ? 'as they were' : 'changed'}`;
        return { saw, held: open.length === 0 && asTheyWere };
      },
    },
    {
      what: "compute each entry's hash again from its bytes",
      expected: 'every hash is as listed, and no entry is there twice',
      act: async ({ person: { visitor } }) => {
        const items = await itemsOf(visitor, `${LIST}?limit=100`);
        const wrong = items.filter(({ entry, leafHash: listed }) => {
          const bytes = Buffer.from(String(entry), 'base64');
          return Buffer.from(leafHash(bytes)).toString('hex') !== listed;
        });
        const distinct = new Set(items.map(({ id }) => id)).size;
        const saw = `${items.length} entries, ${wrong.length} with another hash`;
        return { saw, held: items.length > 0 && wrong.length === 0 && distinct === items.length };
      },
    },
    {
      what: 'what is listed of an entry against what its bytes say',
      expected: 'the same event and outcome',
      act: async ({ person: { visitor } }) => {
        const items = await itemsOf(visitor, `${LIST}?limit=100`);
        const differing = items.filter((item) => {
          const bytes = Buffer.from(String(item['entry']), 'base64').toString();
          const said = JSON.parse(bytes) as Record<string, unknown>;
          return said['event'] !== item['event'] || said['outcome'] !== item['outcome'];
        });
        const saw = `${items.length} entries, ${differing.length} differ`;
        return { saw, held: items.length > 0 && differing.length === 0 };
      },
    },
    {
      what: 'cut off the tail, roll back, reorder and insert as whoever holds the database',
      expected: 'detected offline',
      act: async () => {
        throw new NotTried(
          'the entries are not yet in a tree whose checkpoints others hold; and no request could do this',
        );
      },
    },
  ],
});
