import { randomBytes } from 'node:crypto';
import {
  createRequestGuard,
  defineOperations,
  openDatabase,
  operation,
  type RequestHandler,
  relyingParty,
  type ServerContext,
  type Tx,
  tenantProviders,
} from '@countersign/server';
import { passwordHasher, sessionCookies, totpVerifier } from '@countersign/server/better-auth';
import { betterAuth } from 'better-auth';
import { sql } from 'kysely';
import { type ClientBase, Pool } from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { authOptions } from '../../apps/portal/server/auth.ts';
import { ownAccount } from '../../apps/portal/server/operations.ts';
import { numberOf } from '../support/database.ts';
import type { Person } from '../support/person.ts';
import { challengeOf, confirm, hireEnrolled, refusalOf, type Staff } from '../support/staff.ts';
import { startTestPortal, type TestPortal } from '../support/test-portal.ts';

let portal: TestPortal;
let staff: Staff;
let pool: Pool;
let handler: RequestHandler;
/** What the last act was given, kept beyond its end as a careless handler would. */
let kept: { tx: Tx; client: ClientBase } | null = null;

/** An application without Kysely and without Hono: its own table, its own `pg`. */
const operations = defineOperations({
  'note.erase': operation<{ id: string }>(z.strictObject({ id: z.string().max(20) }))
    .authorize(async (_actor, _params, _tx: Tx) => true)
    .resolve(async ({ id }) => ({
      title: 'Erase a note',
      action: 'Erase',
      facts: [],
      itemsLabel: 'Note',
      items: [id],
      irreversible: true,
    }))
    .requires({ acr: 'aal2', maxAge: 0 }),
});

beforeAll(async () => {
  portal = await startTestPortal();
  staff = await hireEnrolled(portal);
  await portal.owner.query('create table public.note (id text primary key)');
  await portal.owner.query('grant all on public.note to public');
  pool = new Pool({ connectionString: portal.urls.applicationUrl, max: 4 });
  // PostgreSQL may stop before the last connection has said goodbye.
  pool.on('error', () => undefined);
  const auth = betterAuth(
    authOptions({
      pool,
      secrets: [{ version: 1, value: portal.secret }],
      baseUrl: portal.baseUrl,
      server: () => context,
      operations: ownAccount,
    }),
  );
  const authContext = Promise.resolve().then(() => auth.$context);
  const context: ServerContext = {
    database: openDatabase(pool, async () => undefined),
    cookies: sessionCookies(authContext),
    verifier: totpVerifier(authContext),
    passwords: passwordHasher(authContext),
    relyingParty: relyingParty('Countersign', portal.baseUrl),
    identityProviders: tenantProviders({
      baseUrl: portal.baseUrl,
      installation: null,
      sealKeys: [],
    }),
    addressKey: randomBytes(32),
    codeKey: randomBytes(32),
    random: { bytes: (length) => randomBytes(length) },
    baseUrl: portal.baseUrl,
    trustedProxies: [],
    mailPage: null,
    onError: () => undefined,
  };
  const guard = createRequestGuard(context, operations);
  handler = guard('note.erase', async ({ id }, proof) =>
    Response.json(
      await proof.commit(async (tx, { client }) => {
        kept = { tx, client };
        const erased = await client.query('delete from public.note where id = $1', [id]);
        return { erased: erased.rowCount };
      }),
    ),
  );
});
afterAll(async () => {
  await pool.end();
  await portal.stop();
});

function erase(
  id: string,
  options: {
    grant?: string;
    person?: Person;
    headers?: Record<string, string>;
    body?: string;
    method?: string;
  } = {},
): Promise<Response> {
  const { person = staff.person, grant, method = 'POST' } = options;
  const cookie = [...person.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
  const headers = new Headers({
    origin: portal.baseUrl,
    cookie,
    'content-type': 'application/json',
    ...(grant === undefined ? {} : { 'countersign-grant': grant }),
    ...options.headers,
  });
  const request = new Request(`${portal.baseUrl}/notes/${id}`, {
    method,
    headers,
    ...(['GET', 'HEAD'].includes(method) ? {} : { body: options.body ?? '{}' }),
  });
  return handler(request, { pathParameters: { id } });
}

async function note(id: string): Promise<void> {
  await portal.owner.query('insert into public.note values ($1)', [id]);
}

function notes(): Promise<number> {
  return numberOf(portal, 'select count(*)::int as n from public.note');
}

test('CS-34: a web-standard handler acts once, with a grant, through plain pg', async () => {
  await note('a');
  const before = await notes();
  const refused = await erase('a');
  expect(await refusalOf(refused)).toEqual({ status: 401, code: 'step_up_required' });
  expect(await notes()).toBe(before);
  const grant = await confirm(portal, staff, await challengeOf(refused));
  const done = await erase('a', { grant });
  expect(done.status).toBe(200);
  const body = await done.text();
  expect(JSON.parse(body)).toMatchObject({ erased: 1, receipt: { operation: 'note.erase' } });
  expect(await notes()).toBe(before - 1);
  expect(await (await erase('a', { grant })).text()).toBe(body);
  expect(await refusalOf(await erase('b', { grant }))).toMatchObject({ code: 'grant_consumed' });
});

test('a web-standard handler refuses what the Hono routes around it would have refused', async () => {
  await note('kept');
  const before = await notes();
  const nobody = staff.person.elsewhere();
  const cases: [Promise<Response>, number, string][] = [
    [erase('kept', { headers: { origin: 'https://evil.example' } }), 403, 'origin_rejected'],
    [erase('kept', { headers: { authorization: 'Bearer key' } }), 400, 'identity_ambiguous'],
    [erase('kept', { person: nobody }), 401, 'session_required'],
    [erase('kept', { headers: { 'content-type': 'text/plain' } }), 415, 'media_type_unsupported'],
    [erase('kept', { body: '{"id":"kept"}' }), 400, 'keys_repeated'],
    [erase('kept', { body: '{"other":1}' }), 422, 'parameters_invalid'],
    [erase('kept', { body: ' '.repeat(1_048_577) }), 413, 'payload_too_large'],
  ];
  for (const [response, status, code] of cases) {
    expect(await refusalOf(await response)).toEqual({ status, code });
  }
  expect(await notes()).toBe(before);
});

test.for(['GET', 'HEAD', 'OPTIONS'])(
  'CS-34: a web-standard handler answers %s as if it were not there, grant or not',
  async (method) => {
    const id = `by ${method}`;
    await note(id);
    const before = await notes();
    const grant = await confirm(portal, staff, await challengeOf(await erase(id)));
    const challenges = await numberOf(portal, CHALLENGES);
    for (const given of [{}, { grant }]) {
      const refused = await erase(id, { method, ...given });
      expect(await refusalOf(refused)).toEqual({ status: 404, code: 'not_found' });
    }
    expect([await notes(), await numberOf(portal, CHALLENGES)]).toEqual([before, challenges]);
    // The grant was good all along: nothing but the method was refused.
    expect((await erase(id, { grant })).status).toBe(200);
  },
);

const CHALLENGES = 'select count(*)::int as n from countersign.step_up';

test('CS-34: what an act was given is dead once its request is answered', async () => {
  for (const id of ['d', 'later']) await note(id);
  const grant = await confirm(portal, staff, await challengeOf(await erase('d')));
  expect((await erase('d', { grant })).status).toBe(200);
  const before = await notes();
  const { tx, client } = kept ?? expect.fail('the act was not done');
  const text = "delete from public.note where id = 'later'";
  await expect((async () => client.query(text))()).rejects.toThrow('the transaction is over');
  await expect(sql.raw(text).execute(tx)).rejects.toThrow('the transaction is over');
  expect(await notes()).toBe(before);
});
