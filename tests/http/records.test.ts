import { problemSchema } from '@countersign/server/contract';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { entriesOf } from '../support/database.ts';
import {
  hire,
  hireSignedIn,
  importCsv,
  importRecords,
  listRecords,
  refusalOf,
  type Staff,
  signIn,
} from '../support/staff.ts';
import { startTestPortal, type TestPortal } from '../support/test-portal.ts';

let portal: TestPortal;
beforeAll(async () => {
  portal = await startTestPortal();
});
afterAll(() => portal.stop());

/** A tenant of its own for every test. */
let staff: Staff;
beforeEach(async () => {
  staff = await hireSignedIn(portal);
});

const HEADER = 'externalId,name,note\n';

async function faultsOf(text: string | Uint8Array): Promise<unknown> {
  const response =
    typeof text === 'string' ? await importCsv(staff.person, text) : await importBytes(text);
  expect(response.status).toBe(422);
  const problem = problemSchema.parse(await response.json());
  expect(problem.code).toBe('parameters_invalid');
  expect((await listRecords(staff.person)).total).toBe(0);
  return problem.errors;
}

function importBytes(body: Uint8Array): Promise<Response> {
  const cookie = [...staff.person.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
  return fetch(`${portal.baseUrl}/api/records/import`, {
    method: 'POST',
    headers: { origin: portal.baseUrl, 'content-type': 'text/csv', cookie },
    body: Buffer.from(body),
  });
}

async function names(query = ''): Promise<string[]> {
  return (await listRecords(staff.person, query)).items.map((it) => it.name);
}

test('a well-formed file is stored whole, and its entry says how many', async () => {
  const response = await importCsv(staff.person, `${HEADER}a,Ann,x\nb,Bob,\n`);
  expect(response.status).toBe(201);
  expect(await response.json()).toEqual({ imported: 2 });
  expect(await names()).toEqual(['Ann', 'Bob']);
  expect(await entriesOf(portal, staff.id, 'records.imported')).toHaveLength(1);
});

test('every fault is named by line and column, and nothing is stored', async () => {
  const errors = await faultsOf(`${HEADER}a,Ann,\n,Bob,\nc,,\nd,Dan,note,more\ne,Eve\nf,Fay,ok\n`);
  expect(errors).toEqual([
    { line: 3, column: 1, message: 'externalId is empty' },
    { line: 4, column: 2, message: 'name is empty' },
    { line: 5, column: 4, message: 'needs 3 columns, has 4' },
    { line: 6, column: 3, message: 'needs 3 columns, has 2' },
  ]);
  expect(await entriesOf(portal, staff.id, 'records.imported')).toEqual([]);
});

test('a fault on the last line undoes thousands of good ones before it', async () => {
  const rows = Array.from({ length: 2500 }, (_, index) => `id-${index},Name ${index},`);
  const errors = await faultsOf(`${HEADER}${rows.join('\n')}\n,Nobody,\n`);
  expect(errors).toEqual([{ line: 2502, column: 1, message: 'externalId is empty' }]);
});

test('quoted fields keep commas, quotes and line breaks, and lines are still counted right', async () => {
  const text = `${HEADER}a,"Ann ""A"" Lee, MD","one\ntwo\nthree"\n,Bob,\n`;
  expect(await faultsOf(text)).toEqual([{ line: 5, column: 1, message: 'externalId is empty' }]);
  const good = await importCsv(staff.person, `${HEADER}a,"Ann ""A"" Lee, MD","one\r\ntwo"\n`);
  expect(good.status).toBe(201);
  expect(await names()).toEqual(['Ann "A" Lee, MD']);
});

test('a byte-order mark and Windows line ends are no fault', async () => {
  const response = await importCsv(staff.person, '\ufeffexternalId,name,note\r\na,Ann,\r\n');
  expect(response.status).toBe(201);
  expect(await names()).toEqual(['Ann']);
});

test('bytes that are not UTF-8 are refused', async () => {
  const bytes = Buffer.concat([
    Buffer.from(`${HEADER}a,J`),
    Buffer.from([0xf6]),
    Buffer.from('rg,'),
  ]);
  expect(await faultsOf(bytes)).toMatchObject([{ message: 'the file is not UTF-8 text' }]);
});

test('a character cut off at the end of the file is refused', async () => {
  const bytes = Buffer.concat([Buffer.from(`${HEADER}a,Ann,`), Buffer.from([0xe2, 0x82])]);
  expect(await faultsOf(bytes)).toMatchObject([{ message: 'the file is not UTF-8 text' }]);
});

test('a null character is refused by line and column', async () => {
  expect(await faultsOf(`${HEADER}a,A\u0000nn,\n`)).toEqual([
    { line: 2, column: 2, message: 'name contains a null character' },
  ]);
});

test('an unterminated quote is refused by line', async () => {
  expect(await faultsOf(`${HEADER}a,Ann,\nb,"Bob,\nc,Cy,\n`)).toMatchObject([
    { message: 'is not well-formed CSV' },
  ]);
});

test('an externalId that occurs twice in one file is refused at its second line', async () => {
  expect(await faultsOf(`${HEADER}a,Ann,\nb,Bob,\na,Abe,\n`)).toEqual([
    { line: 4, column: 1, message: 'externalId a is there already' },
  ]);
});

test('an externalId that occurs twice a thousand lines apart is refused as well', async () => {
  const rows = Array.from({ length: 1200 }, (_, index) => `id-${index},Name,`);
  expect(await faultsOf(`${HEADER}${rows.join('\n')}\nid-3,Again,\n`)).toEqual([
    { line: 1202, column: 1, message: 'externalId id-3 is there already' },
  ]);
});

test('an externalId that is stored already is refused, and the stored record stays as it was', async () => {
  await importRecords(staff.person, ['a']);
  const response = await importCsv(staff.person, `${HEADER}b,Bob,\na,Other,\n`);
  expect(response.status).toBe(422);
  expect(problemSchema.parse(await response.json()).errors).toEqual([
    { line: 3, column: 1, message: 'externalId a is there already' },
  ]);
  expect(await names()).toEqual(['Name a']);
});

test('the header has to name the three columns, in order and no more', async () => {
  expect(await faultsOf('externalId,note,name\na,Ann,\n')).toEqual([
    { line: 1, column: 2, message: 'the header must say name here' },
    { line: 1, column: 3, message: 'the header must say note here' },
  ]);
  expect(await faultsOf('externalId,name,note,role\na,Ann,,x\n')).toEqual([
    { line: 1, column: 4, message: 'there is no such column' },
  ]);
  expect(await faultsOf('')).toEqual([{ line: 1, column: 1, message: 'the file is empty' }]);
});

test('values longer than their column are refused by line and column', async () => {
  const text = `${HEADER}${'a'.repeat(101)},${'b'.repeat(201)},${'c'.repeat(2001)}\n`;
  expect(await faultsOf(text)).toMatchObject([
    { line: 2, column: 1 },
    { line: 2, column: 2 },
    { line: 2, column: 3 },
  ]);
});

test('a flood of faults is answered with the first hundred', async () => {
  const rows = Array.from({ length: 5000 }, () => ',x,');
  const errors = await faultsOf(`${HEADER}${rows.join('\n')}\n`);
  expect(errors).toHaveLength(100);
});

test('only text/csv is read', async () => {
  for (const type of ['application/json', 'text/plain', 'multipart/form-data', 'text/csvx']) {
    const response = await staff.person.send('POST', '/api/records/import', {
      text: `${HEADER}a,Ann,\n`,
      headers: { 'content-type': type },
    });
    expect([type, await refusalOf(response)]).toEqual([
      type,
      { status: 415, code: 'media_type_unsupported' },
    ]);
  }
});

test('search takes percent, underscore and backslash as themselves', async () => {
  await importCsv(staff.person, `${HEADER}a,50% off,\nb,a_b,\nc,back\\slash,\nd,plain,\n`);
  expect(await names(`?q=${encodeURIComponent('%')}`)).toEqual(['50% off']);
  expect(await names('?q=_')).toEqual(['a_b']);
  expect(await names(`?q=${encodeURIComponent('\\')}`)).toEqual(['back\\slash']);
  expect(await names(`?q=${encodeURIComponent("' or 1=1 --")}`)).toEqual([]);
  expect(await names('?q=PLAIN')).toEqual(['plain']);
});

test('paging by cursor shows every record once, while others come and go', async () => {
  const ids = Array.from({ length: 25 }, (_, index) => `r${String(index).padStart(2, '0')}`);
  await importRecords(staff.person, ids);
  const seen: string[] = [];
  let cursor: string | null = null;
  do {
    const query: string = cursor === null ? '' : `&cursor=${cursor}`;
    const page = await listRecords(staff.person, `?limit=10${query}`);
    expect(page.items.length).toBeLessThanOrEqual(10);
    seen.push(...page.items.map((it) => it.externalId));
    cursor = page.nextCursor;
    // Before the place reached: it must not shift what follows.
    await importCsv(staff.person, `${HEADER}new-${seen.length},AAA ${seen.length},\n`);
  } while (cursor !== null);
  expect(seen).toEqual(ids);
});

test('records of one name page without loss', async () => {
  const rows = Array.from({ length: 12 }, (_, index) => `id-${index},Same,`);
  await importCsv(staff.person, `${HEADER}${rows.join('\n')}\n`);
  const first = await listRecords(staff.person, '?limit=5');
  const second = await listRecords(staff.person, `?limit=5&cursor=${first.nextCursor}`);
  const third = await listRecords(staff.person, `?limit=5&cursor=${second.nextCursor}`);
  const ids = [first, second, third].flatMap((page) => page.items.map((it) => it.id));
  expect(new Set(ids).size).toBe(12);
  expect(third.nextCursor).toBeNull();
});

test('a page has at most a hundred records', async () => {
  for (const query of [
    '?limit=101',
    '?limit=0',
    '?limit=-1',
    '?limit=1e9',
    '?limit=x',
    '?limit=',
  ]) {
    expect([query, await refusalOf(await staff.person.get(`/api/records${query}`))]).toEqual([
      query,
      { status: 422, code: 'parameters_invalid' },
    ]);
  }
  expect((await staff.person.get('/api/records?limit=100')).status).toBe(200);
});

test('a query that no record can match is refused or empty, never a failure', async () => {
  const badCursor = Buffer.from(JSON.stringify(['a\u0000', staff.id])).toString('base64url');
  for (const query of ['?q=%00', '?cursor=x', '?cursor=W10', `?cursor=${badCursor}`]) {
    const { status } = await staff.person.get(`/api/records${query}`);
    expect([query, [200, 422].includes(status)]).toEqual([query, true]);
  }
});

test('a tenant sees, searches and counts its own records alone', async () => {
  const other = await hireSignedIn(portal);
  await importRecords(other.person, ['theirs']);
  await importRecords(staff.person, ['ours']);
  expect(await names()).toEqual(['Name ours']);
  expect((await listRecords(staff.person, '?q=theirs')).total).toBe(0);
  const cursor = Buffer.from(JSON.stringify(['', '00000000-0000-4000-8000-000000000000']));
  expect(await names(`?cursor=${cursor.toString('base64url')}`)).toEqual(['Name ours']);
  // The same externalId in two tenants is no clash.
  await importRecords(other.person, ['ours']);
});

test('members of one tenant see the same records', async () => {
  const [first, second] = await hire(portal, 'person', 'administrator');
  await signIn(first);
  await signIn(second);
  await importRecords(first.person, ['a']);
  expect((await listRecords(second.person)).total).toBe(1);
});

test('somebody without a membership reaches no record', async () => {
  await importRecords(staff.person, ['a']);
  await portal.owner.query('delete from member where "userId" = $1', [staff.id]);
  expect(await refusalOf(await staff.person.get('/api/records'))).toEqual({
    status: 403,
    code: 'forbidden',
  });
});
