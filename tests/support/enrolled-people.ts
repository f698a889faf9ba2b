import { randomBytes, randomUUID } from 'node:crypto';
import { createTenant, type Role } from '@countersign/server/better-auth';
import { makeSignature, symmetricEncrypt } from 'better-auth/crypto';
import { Person } from './person.ts';
import type { TestPortal } from './test-portal.ts';

/** A database the portal has migrated, its owner's connection, and the secret its processes share. */
export type PortalSite = Pick<TestPortal, 'owner' | 'urls' | 'secret'>;

/** Someone with an authenticator app, in a session of AAL2. */
export interface EnrolledPerson {
  readonly userId: string;
  readonly email: string;
  readonly tenantId: string;
  readonly tenantName: string;
  readonly role: Role;
  readonly sid: string;
  readonly sessionId: string;
  readonly authenticatorId: string;
  /** Key of the authenticator app. */
  readonly totpKey: Uint8Array;
  /** Value of the signed session cookie. */
  readonly cookie: string;
}

export const SESSION_COOKIE = 'countersign.session_token';

/**
 * Makes a tenant of enrolled people directly in the database, in the form Better Auth and the library
 * store them: hundreds of them without a password hash each.
 */
export async function makeEnrolledPeople(
  { owner, secret }: Pick<PortalSite, 'owner' | 'secret'>,
  { name, role, count }: { readonly name: string; readonly role: Role; readonly count: number },
): Promise<EnrolledPerson[]> {
  const { tenantId } = await createTenant(owner, { name, people: [] });
  const made = await Promise.all(
    Array.from({ length: count }, () => makePerson({ tenantId, tenantName: name, role }, secret)),
  );
  const rows = made.map(({ person, storedSecret, token }) => {
    const { userId, email, sid, sessionId, authenticatorId } = person;
    return { userId, sid, sessionId, authenticatorId, storedSecret, token, email };
  });
  await owner.query('begin');
  for (const statement of INSERTS) {
    await owner.query(statement, [JSON.stringify(rows), tenantId, role]);
  }
  await owner.query('commit');
  await owner.query('analyze');
  return made.map(({ person }) => person);
}

/** The cookie jar of an enrolled person, for one process of the portal. */
export function personAt(baseUrl: string, { cookie }: EnrolledPerson): Person {
  const person = new Person(baseUrl);
  person.cookies.set(SESSION_COOKIE, cookie);
  return person;
}

async function makePerson(
  known: Pick<EnrolledPerson, 'tenantId' | 'tenantName' | 'role'>,
  secret: string,
) {
  const typed = randomBytes(24).toString('base64url');
  const token = randomBytes(24).toString('base64url');
  const key = { keys: new Map([[1, secret]]), currentVersion: 1 };
  const userId = randomUUID();
  const person: EnrolledPerson = {
    ...known,
    userId,
    email: `person-${userId}@${known.tenantId}.example`,
    sid: randomUUID(),
    sessionId: randomUUID(),
    authenticatorId: randomUUID(),
    totpKey: new TextEncoder().encode(typed),
    cookie: encodeURIComponent(`${token}.${await makeSignature(token, secret)}`),
  };
  return { person, token, storedSecret: await symmetricEncrypt({ key, data: typed }) };
}

/** Every statement takes the same parameters: the people, their tenant, their role in it. */
const GIVEN = `with given as (
  select p.*, $2::text as tenant_id, $3::text as role from jsonb_to_recordset($1::jsonb) as p (
    "userId" text, sid uuid, "sessionId" text, "authenticatorId" uuid, "storedSecret" text,
    token text, email text))`;

const INSERTS = [
  `insert into "user" (id, name, email, "emailVerified", "createdAt", "updatedAt",
     "twoFactorEnabled")
   select "userId", email, email, true, now(), now(), true from given`,
  `insert into member (id, "organizationId", "userId", role, "createdAt")
   select gen_random_uuid()::text, tenant_id, "userId", role, now() from given`,
  `insert into session (id, token, "userId", "expiresAt", "createdAt", "updatedAt")
   select "sessionId", token, "userId", now() + interval '12 hours', now(), now() from given`,
  `insert into countersign.authentication_session (sid, session_id, user_id, tenant_id, aal, methods,
     authenticated_at, user_agent, address, last_seen_at)
   select sid, "sessionId", "userId", tenant_id, 2, '{pwd,otp}', now(), 'none', '127.0.0.1', now()
   from given`,
  `insert into "twoFactor" (id, secret, "backupCodes", "userId", verified)
   select 'totp-' || "userId", "storedSecret", '', "userId", true from given`,
  `insert into countersign.authenticator (id, user_id, type, external_id, bound_at)
   select "authenticatorId", "userId", 'totp', 'totp-' || "userId", now() from given`,
].map((statement) => `${GIVEN} ${statement}`);
