import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createTenant } from '@countersign/server/better-auth';
import { defaultTenantPolicy } from '@countersign/server/contract';
import type { ClientBase } from 'pg';
import { writePrivate } from '../write-private.ts';

/** Any number of its own. */
const DEMO_LOCK = 7_215_734;

const DEMO_RECORDS = [
  ['RC-20114', 'Adler, Ines', 'Annual review due in March'],
  ['RC-20115', 'Baptiste, Jonah', ''],
  ['RC-20116', 'Castellanos, Rui', 'Prefers letters to calls'],
  ['RC-20117', 'Dahl, Signe', ''],
  ['RC-20118', 'Eze, Chidera', 'Interpreter: Igbo'],
  ['RC-20119', 'Farouk, Lena', ''],
  ['RC-20120', 'Grant, Theo', 'Moved; new address on file'],
  ['RC-20121', 'Hoffmann, Mila', ''],
  ['RC-20122', 'Ito, Haruka', 'Allergy recorded'],
  ['RC-20123', 'Jensen, Aksel', ''],
  ['RC-20124', 'Kaur, Simran', ''],
  ['RC-20125', 'Lopes, Davi', 'Consent renewed'],
] as const;

export const DEMO_PEOPLE = [
  { name: 'M. Ortiz', email: 'm.ortiz@riverside.example', role: 'administrator' },
  { name: 'R. Okafor', email: 'r.okafor@riverside.example', role: 'person' },
] as const;

/** What the demo people type to sign in at the demo's identity provider. */
const DEMO_SIGN_IN_NAME = 'riverside';

/**
 * Says that the demo people are known at the demo's identity provider, whose address can change from
 * one start to the next.
 */
export async function linkDemoIdentities(client: ClientBase, issuer: string): Promise<void> {
  await client.query(
    `insert into countersign.identity (tenant_id, issuer, subject, user_id)
     select m."organizationId", $1, u.email, u.id
     from portal.demo_tenant t
     join member m on m."organizationId" = t.tenant_id
     join "user" u on u.id = m."userId"
     where u.email = any($2)
     on conflict do nothing`,
    [issuer, DEMO_PEOPLE.map(({ email }) => email)],
  );
  await client.query(
    `insert into countersign.tenant_provider (tenant_id, version, sign_in_name, max_age_seconds)
     select tenant_id, 1, $1, 3600 from portal.demo_tenant join countersign.tenant using (tenant_id)
     on conflict do nothing`,
    [DEMO_SIGN_IN_NAME],
  );
}

/**
 * Makes the demo tenant once for a data folder: an administrator, an ordinary person, a few records.
 * Their random passwords are kept in `demo.json`, readable by the owner of the folder alone.
 */
export async function ensureDemo(
  client: ClientBase,
  options: { dataDir: string; baseUrl: string },
): Promise<string> {
  // Two processes starting together make one demo tenant.
  await client.query('select pg_advisory_lock($1)', [DEMO_LOCK]);
  try {
    return await makeOnce(client, options);
  } finally {
    await client.query('select pg_advisory_unlock($1)', [DEMO_LOCK]);
  }
}

async function makeOnce(
  client: ClientBase,
  { dataDir, baseUrl }: { dataDir: string; baseUrl: string },
): Promise<string> {
  const file = join(dataDir, 'demo.json');
  const known = await client.query(
    'select 1 from portal.demo_tenant join countersign.tenant using (tenant_id)',
  );
  if (existsSync(file) && known.rowCount !== 0) return file;
  if (known.rowCount !== 0) {
    // The file was lost, or another data folder made the tenant: passwords are not invented again.
    return file;
  }
  // Marked before it is there: a start that ends in between makes another, and never two.
  const id = randomUUID();
  await client.query('insert into portal.demo_tenant (tenant_id) values ($1)', [id]);
  const demo = await createTenant(client, {
    id,
    name: 'Riverside Clinic',
    people: DEMO_PEOPLE,
    policy: {
      ...defaultTenantPolicy,
      emailBaseline: false,
      identityProvider: { acrValues: [], mfaAcr: [], mfaAmr: ['mfa'] },
    },
  });
  await client.query(
    `insert into portal.record (tenant_id, external_id, name, note)
     select $1, * from unnest($2::text[], $3::text[], $4::text[])`,
    [
      demo.tenantId,
      DEMO_RECORDS.map(([externalId]) => externalId),
      DEMO_RECORDS.map(([, name]) => name),
      DEMO_RECORDS.map(([, , note]) => note),
    ],
  );
  writePrivate(file, { baseUrl, ...demo });
  return file;
}
