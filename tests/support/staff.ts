import type { Role } from '@countersign/server/better-auth';
import {
  type AuditEvent,
  auditPageSchema,
  type Challenge,
  challengeSchema,
  grantSchema,
} from '@countersign/server/contract';
import { z } from 'zod';
import { Person } from './person.ts';
import type { TestPortal } from './test-portal.ts';

/** A person of a tenant: their account, and the browser they sit at. */
export interface Staff {
  readonly id: string;
  readonly tenantId: string;
  readonly email: string;
  readonly password: string;
  readonly person: Person;
}

/** Makes one new tenant with a person for each role; nobody is signed in. */
export async function hire<const Roles extends readonly Role[]>(
  portal: TestPortal,
  ...roles: Roles
): Promise<{ [Index in keyof Roles]: Staff }> {
  const { tenantId, users } = await portal.createTenant(...roles);
  const staff = users.map(({ id, email, password }): Staff => {
    return { id, tenantId, email, password, person: new Person(portal.baseUrl) };
  });
  return staff as unknown as { [Index in keyof Roles]: Staff };
}

/** One person of a new tenant, signed in with a password alone. */
export async function hireSignedIn(portal: TestPortal, role: Role = 'person'): Promise<Staff> {
  const [staff] = await hire(portal, role);
  await signIn(staff);
  return staff;
}

/** One person of a new tenant, signed in and enrolled; the step before the present one is spent. */
export async function hireEnrolled(portal: TestPortal, role: Role = 'person'): Promise<Staff> {
  const staff = await hireSignedIn(portal, role);
  await staff.person.enrol(staff.password);
  return staff;
}

/** The password step. */
export async function signIn(staff: Staff, person: Person = staff.person): Promise<void> {
  await expectStatus(await person.signIn(staff.email, staff.password), 200);
}

/** Both steps; `code` defaults to the present one. */
export async function signInFully(
  staff: Staff,
  person: Person = staff.person,
  code?: string,
): Promise<void> {
  await signIn(staff, person);
  await expectStatus(await person.verifyCode(code ?? person.code()), 200);
}

/** Another browser of the same person, up to the challenge. */
export async function pendingElsewhere(staff: Staff): Promise<Person> {
  const person = staff.person.elsewhere();
  await signIn(staff, person);
  return person;
}

/** Makes every code of the window usable again, where the test is not about replay. */
export async function forgetSteps(portal: TestPortal, { id }: Staff): Promise<void> {
  await portal.owner.query(
    'update countersign.authenticator set last_step = -1 where user_id = $1',
    [id],
  );
}

/** What was asked to be confirmed. @throws when the answer carries no challenge. */
export async function challengeOf(response: Response): Promise<Challenge> {
  const body = z.object({ challenge: challengeSchema }).parse(await response.clone().json());
  return body.challenge;
}

/** Answers a challenge with a fresh code; the cookie is replaced by the way. */
export async function confirm(
  portal: TestPortal,
  staff: Staff,
  { id }: { readonly id: string },
): Promise<string> {
  await forgetSteps(portal, staff);
  const { person } = staff;
  const path = `/api/step-up/${id}/verify`;
  const response = await person.post(path, { method: 'totp', code: person.code() });
  await expectStatus(response, 200);
  return grantSchema.parse(await response.json()).grant;
}

/** Asks for an operation and confirms it: the grant for one retry. */
export async function grantFor(
  portal: TestPortal,
  staff: Staff,
  ask: (person: Person) => Promise<Response>,
): Promise<string> {
  return confirm(portal, staff, await challengeOf(await ask(staff.person)));
}

const recordSchema = z.object({ id: z.uuid(), externalId: z.string(), name: z.string() });
const recordPageSchema = z.object({
  items: z.array(recordSchema),
  nextCursor: z.string().nullable(),
  total: z.number(),
});

export type RecordPage = z.infer<typeof recordPageSchema>;

export async function listRecords(person: Person, query = ''): Promise<RecordPage> {
  const response = await person.get(`/api/records${query}`);
  await expectStatus(response, 200);
  return recordPageSchema.parse(await response.json());
}

/** Imports records named after their external ids; returns their ids in the order given. */
export async function importRecords(person: Person, externalIds: readonly string[]) {
  const rows = externalIds.map((it) => `${it},Name ${it},`);
  await expectStatus(await importCsv(person, ['externalId,name,note', ...rows].join('\n')), 201);
  const { items } = await listRecords(person, '?limit=100');
  return externalIds.map((it) => items.find((item) => item.externalId === it)?.id ?? '');
}

export function importCsv(person: Person, text: string): Promise<Response> {
  return person.send('POST', '/api/records/import', {
    text,
    headers: { 'content-type': 'text/csv' },
  });
}

export function purge(person: Person, recordIds: readonly string[], grant?: string) {
  const headers: Record<string, string> = grant === undefined ? {} : { 'countersign-grant': grant };
  return person.post('/api/records/purge', { recordIds }, headers);
}

/** A tenant's audit entries, newest first, as an administrator reads them. */
export async function auditEvents(person: Person, query = ''): Promise<AuditEvent[]> {
  const response = await person.get(`/api/audit/events${query}`);
  await expectStatus(response, 200);
  return auditPageSchema.parse(await response.json()).items;
}

/** Status and code of a refusal, ours or in Better Auth's shape. */
export async function refusalOf(response: Response): Promise<{ status: number; code: string }> {
  const body = z.object({ code: z.string() }).safeParse(await response.clone().json());
  return { status: response.status, code: body.data?.code ?? 'no code' };
}

async function expectStatus(response: Response, status: number): Promise<void> {
  if (response.status === status) return;
  throw new Error(`${response.url} answered ${response.status}: ${await response.text()}`);
}
