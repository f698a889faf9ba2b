import { openDatabase } from '@countersign/server';
import { passkeyEnrolmentSchema } from '@countersign/server/contract';
import { Pool } from 'pg';
import { z } from 'zod';
import { sweepExports } from '../../apps/portal/server/exports/sweep-exports.ts';
import { numberOf } from './database.ts';
import { askForReset, completeReset, untilLookedUp } from './mailed-links.ts';
import { SoftwareAuthenticator } from './software-authenticator.ts';
import { grantFor, hireEnrolled, linkIdentity, type Staff } from './staff.ts';
import type { TestPortal } from './test-portal.ts';

const idSchema = z.object({ id: z.uuid() });
const PATIENCE_MS = 15_000;

/** The events that only certain operations leave: exports, keys, credits, passkeys, accounts. */
export async function everyOperationsOwnEvents(portal: TestPortal): Promise<void> {
  const administrator = await hireEnrolled(portal, 'administrator');
  await exportTwice(portal, administrator);
  await useKeys(portal, administrator);
  await countBackwards(portal, await hireEnrolled(portal));
  await mailLinks(portal, administrator);
  await meetAProvider(portal, await hireEnrolled(portal));
  const leaver = await hireEnrolled(portal);
  await leaver.person.post('/api/account/email/confirm', { code: '000000' });
  await act(portal, leaver, { method: 'DELETE', path: '/api/account', json: {} });
}

/** A link to another password is asked for, and links that nobody sent are tried. */
async function mailLinks(portal: TestPortal, administrator: Staff): Promise<void> {
  await askForReset(portal, `nobody-${administrator.email}`);
  const token = 'A'.repeat(43);
  await completeReset(portal, { token, newPassword: 'a passphrase for nobody' });
  await administrator.person.post('/api/invitations/join', { token });
  const json = { email: `guest-${administrator.email}`, role: 'person' };
  const invited = await act(portal, administrator, {
    method: 'POST',
    path: '/api/invitations',
    json,
  });
  const { id } = idSchema.parse(await invited.json());
  await administrator.person.send('DELETE', `/api/invitations/${id}`);
  await untilLookedUp(portal);
}

interface Asked {
  readonly method: string;
  readonly path: string;
  readonly json: unknown;
  readonly headers?: Record<string, string>;
}

/** Asks, confirms with a code, and does it. @throws when it was not done */
export async function act(portal: TestPortal, staff: Staff, asked: Asked): Promise<Response> {
  const { method, path, json, headers = {} } = asked;
  const send = (extra: Record<string, string> = {}) =>
    staff.person.send(method, path, { json, headers: { ...headers, ...extra } });
  const grant = await grantFor(portal, staff, () => send());
  const response = await send({ 'countersign-grant': grant });
  if (!response.ok) throw new Error(`${path} answered ${response.status}`);
  return response;
}

/** One export is fetched, the other runs out. */
async function exportTwice(portal: TestPortal, staff: Staff): Promise<void> {
  const ask = { method: 'POST', path: '/api/exports', json: { format: 'csv' } };
  const { id } = idSchema.parse(await (await act(portal, staff, ask)).json());
  await untilReady(portal, staff);
  await (await staff.person.get(`/api/exports/${id}/file`)).arrayBuffer();
  await act(portal, staff, ask);
  await untilReady(portal, staff);
  await portal.owner.query(
    `update portal.export set expires_at = now() - interval '1 second',
       purge_at = now() - interval '1 second' where tenant_id = $1`,
    [staff.tenantId],
  );
  const pool = new Pool({ connectionString: portal.urls.applicationUrl, max: 1 });
  // PostgreSQL may stop before the last connection has said goodbye.
  pool.on('error', () => undefined);
  await sweepExports(openDatabase(pool, async () => undefined));
  await pool.end();
}

async function untilReady(portal: TestPortal, { tenantId }: Staff): Promise<void> {
  const ready = `select count(*)::int as n from portal.export where state = 'ready' and tenant_id = $1`;
  const deadline = Date.now() + PATIENCE_MS;
  while ((await numberOf(portal, ready, [tenantId])) < 1 && Date.now() < deadline) {
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

async function useKeys(portal: TestPortal, staff: Staff): Promise<void> {
  const created = await act(portal, staff, {
    method: 'POST',
    path: '/api/api-keys',
    json: {
      name: 'Import',
      scopes: ['records:write'],
      expiresAt: new Date(Date.now() + 86_400_000).toISOString(),
    },
  });
  await act(portal, staff, {
    method: 'POST',
    path: '/api/credits/purchases',
    json: { credits: 100, currency: 'EUR' },
    headers: { 'idempotency-key': 'the-first-purchase' },
  });
  const { key } = z.object({ key: z.string() }).parse(await created.json());
  const records = [{ externalId: 'by-key', name: 'By key', note: '' }];
  for (const bearer of [key, `${key.slice(0, -1)}!`]) {
    await fetch(`${portal.baseUrl}/v1/records`, {
      method: 'POST',
      headers: { authorization: `Bearer ${bearer}`, 'content-type': 'application/json' },
      body: JSON.stringify({ records }),
    });
  }
}

/** Answers nobody asked for, and a linked account that is taken away. */
async function meetAProvider(portal: TestPortal, staff: Staff): Promise<void> {
  const answer = { returnUrl: `${portal.baseUrl}/sign-in/return?code=1&state=2` };
  await staff.person.elsewhere().post('/api/auth/sign-in/provider-return', answer);
  await staff.person.post('/api/identities/finish', answer);
  await linkIdentity(portal, staff, { issuer: 'https://former.example', subject: 'somebody' });
  const { items } = z
    .object({ items: z.array(idSchema) })
    .parse(await (await staff.person.get('/api/identities')).json());
  await act(portal, staff, { method: 'DELETE', path: `/api/identities/${items[0]?.id}`, json: {} });
}

/** A copied passkey shows by a count that was used before. */
async function countBackwards(portal: TestPortal, staff: Staff): Promise<void> {
  const { person, password } = staff;
  const device = new SoftwareAuthenticator({ synced: false });
  const begun = await act(portal, staff, {
    method: 'POST',
    path: '/api/authenticators/passkeys/options',
    json: { name: 'Key', password },
  });
  const { id, options } = passkeyEnrolmentSchema.parse(await begun.json());
  const { origin } = new URL(portal.baseUrl);
  const made = device.create(options as never, { origin, signCount: 9 });
  await person.post('/api/authenticators/passkeys', { id, response: made });
  const pending = person.elsewhere();
  await pending.signIn(staff.email, password);
  const offered = await pending.post('/api/auth/two-factor/passkey-options', {});
  const asked = (await offered.json()) as { options: unknown };
  const response = device.get(asked.options as never, { origin, signCount: 9 });
  await pending.post('/api/auth/two-factor/verify-passkey', { response });
}
