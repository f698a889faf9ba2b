import { randomBytes, randomUUID } from 'node:crypto';
import { hashPassword } from 'better-auth/crypto';
import type { ClientBase } from 'pg';
import type { TenantPolicy } from '../../contract/index.ts';

export type Role = 'administrator' | 'person';

export interface NewTenant {
  /** Its id; a random one unless given. */
  readonly id?: string;
  readonly name: string;
  readonly people: readonly {
    readonly name: string;
    readonly email: string;
    readonly role: Role;
    /** The person's account at the tenant's identity provider. */
    readonly identity?: { readonly issuer: string; readonly subject: string };
  }[];
  /** The tenant's policy; the default when absent. */
  readonly policy?: TenantPolicy;
  /**
   * Its administrators are the platform's: they also read audit entries that belong to no tenant, and must
   * sign in with what the installation asks of them, a passkey unless said.
   */
  readonly isPlatform?: boolean;
  /** After this moment nobody signs in to it; for throwaway tenants. */
  readonly expiresAt?: Date | null;
}

export interface CreatedTenant {
  readonly tenantId: string;
  readonly users: readonly {
    readonly id: string;
    readonly name: string;
    readonly email: string;
    /** Random; shown here once and stored only hashed. */
    readonly password: string;
    readonly role: Role;
  }[];
}

/** Makes an organization with its people, each with a random password, in one transaction. */
export async function createTenant(client: ClientBase, tenant: NewTenant): Promise<CreatedTenant> {
  const users = tenant.people.map((person) => ({
    ...person,
    id: randomUUID(),
    email: person.email.toLowerCase(),
    password: randomBytes(15).toString('base64url'),
  }));
  const hashes = await Promise.all(users.map((user) => hashPassword(user.password)));
  const tenantId = tenant.id ?? randomUUID();
  await client.query('begin');
  try {
    await client.query(
      'insert into organization (id, name, slug, "createdAt") values ($1, $2, $1, now())',
      [tenantId, tenant.name],
    );
    await client.query(
      `insert into countersign.tenant (tenant_id, platform, disposable, expires_at)
       values ($1, $2, $3, $4)`,
      [tenantId, tenant.isPlatform ?? false, tenant.expiresAt != null, tenant.expiresAt ?? null],
    );
    if (tenant.policy !== undefined) {
      await client.query(
        'insert into countersign.tenant_policy (tenant_id, version, policy) values ($1, 1, $2)',
        [tenantId, JSON.stringify(tenant.policy)],
      );
    }
    for (const [index, user] of users.entries()) {
      await insertPerson(client, { ...user, tenantId, hash: hashes[index] ?? '' });
    }
    await client.query('commit');
  } catch (error) {
    await client.query('rollback');
    throw error;
  }
  return { tenantId, users };
}

/**
 * Deletes a disposable tenant's people and rows and erases the personal values of its audit entries;
 * the entries themselves stay. False when it is not a disposable tenant.
 */
export async function destroyTenant(client: ClientBase, tenantId: string): Promise<boolean> {
  await client.query('begin');
  try {
    const found = await client.query(
      'select 1 from countersign.tenant where tenant_id = $1 and disposable for update',
      [tenantId],
    );
    if (found.rowCount === 0) {
      await client.query('rollback');
      return false;
    }
    for (const statement of DESTROY) await client.query(statement, [tenantId]);
    await client.query('commit');
    return true;
  } catch (error) {
    await client.query('rollback');
    throw error;
  }
}

const PEOPLE = `(select "userId" from member where "organizationId" = $1)`;

const DESTROY = [
  `delete from countersign.audit_personal where event_id in (
     select id from countersign.audit_event where tenant_id = $1 or actor_id in ${PEOPLE})`,
  `delete from countersign.step_up where tenant_id = $1`,
  `delete from countersign.pending_sign_in where user_id in ${PEOPLE}`,
  `delete from countersign.recovery_code_set where user_id in ${PEOPLE}`,
  `delete from countersign.authenticator where user_id in ${PEOPLE}`,
  `delete from countersign.passkey_enrolment where user_id in ${PEOPLE}`,
  `delete from countersign.identity where tenant_id = $1 or user_id in ${PEOPLE}`,
  `delete from countersign.verified_address where user_id in ${PEOPLE}`,
  `delete from countersign.enforcement_reminder where tenant_id = $1 or user_id in ${PEOPLE}`,
  `delete from countersign.address_proof where user_id in ${PEOPLE}`,
  `delete from countersign.email_change where user_id in ${PEOPLE}`,
  `delete from countersign.password_reset where user_id in ${PEOPLE}`,
  `delete from countersign.invitation where tenant_id = $1 or invited_by in ${PEOPLE}`,
  `delete from countersign.account_freeze where user_id in ${PEOPLE}`,
  `delete from countersign.known_device where user_id in ${PEOPLE}`,
  `delete from countersign.tenant_policy where tenant_id = $1`,
  `delete from countersign.tenant_provider where tenant_id = $1`,
  `delete from countersign.provider_journey where tenant_id = $1 or user_id in ${PEOPLE}`,
  `delete from countersign.authentication_session where user_id in ${PEOPLE}`,
  `delete from "user" where id in ${PEOPLE}`,
  `delete from organization where id = $1`,
  `delete from countersign.tenant where tenant_id = $1`,
];

async function insertPerson(
  client: ClientBase,
  person: {
    id: string;
    name: string;
    email: string;
    role: Role;
    tenantId: string;
    hash: string;
    identity?: { readonly issuer: string; readonly subject: string };
  },
): Promise<void> {
  await client.query(
    `insert into "user" (id, name, email, "emailVerified", "createdAt", "updatedAt")
     values ($1, $2, $3, true, now(), now())`,
    [person.id, person.name, person.email],
  );
  await client.query(
    `insert into account (id, "accountId", "providerId", "userId", password, "createdAt", "updatedAt")
     values (gen_random_uuid()::text, $1, 'credential', $1, $2, now(), now())`,
    [person.id, person.hash],
  );
  await client.query(
    `insert into member (id, "organizationId", "userId", role, "createdAt")
     values (gen_random_uuid()::text, $1, $2, $3, now())`,
    [person.tenantId, person.id, person.role],
  );
  await client.query(
    `insert into countersign.verified_address (user_id, email, verified_at) values ($1, $2, now())`,
    [person.id, person.email],
  );
  if (person.identity === undefined) return;
  await client.query(
    `insert into countersign.identity (tenant_id, issuer, subject, user_id) values ($1, $2, $3, $4)`,
    [person.tenantId, person.identity.issuer, person.identity.subject, person.id],
  );
}
