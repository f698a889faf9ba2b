import type { Role } from '@countersign/server/better-auth';
import {
  type AuditEvent,
  auditPageSchema,
  type Challenge,
  challengeSchema,
  defaultTenantPolicy,
  type Grant,
  grantSchema,
  type MfaPolicy,
  passkeyEnrolmentSchema,
  type SessionPolicy,
} from '@countersign/server/contract';
import { z } from 'zod';
import { enrolDirectly } from './enrol-directly.ts';
import { Person } from './person.ts';
import type { CreateOptions, GetOptions, SoftwareAuthenticator } from './software-authenticator.ts';
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
  await enrolDirectly(portal, staff);
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
  const { grant } = grantSchema.parse(await response.json());
  if (grant === null) throw new Error('this challenge opened a window, and gave no grant');
  return grant;
}

/** Asks for an operation and confirms it: the grant for one retry. */
export async function grantFor(
  portal: TestPortal,
  staff: Staff,
  ask: (person: Person) => Promise<Response>,
): Promise<string> {
  return confirm(portal, staff, await challengeOf(await ask(staff.person)));
}

/** What `begin` of a step-up answers for one method. */
export function beginStepUp(person: Person, id: string, method: string): Promise<Response> {
  return person.post(`/api/step-up/${id}/begin`, { method });
}

/** Asks a passkey to sign a challenge; `lie` is what it says differently from the truth. */
export async function signStepUp(
  person: Person,
  device: SoftwareAuthenticator,
  { id, lie = {} }: { readonly id: string; readonly lie?: Partial<GetOptions> },
): Promise<unknown> {
  const begun = await beginStepUp(person, id, 'passkey');
  await expectStatus(begun, 200);
  const { options } = (await begun.json()) as { options: never };
  return device.get(options, { origin: new URL(person.baseUrl).origin, ...lie });
}

/** Answers a challenge with a passkey. @throws when it is refused */
export async function confirmByPasskey(
  person: Person,
  device: SoftwareAuthenticator,
  { id }: { readonly id: string },
): Promise<Grant> {
  const response = await signStepUp(person, device, { id });
  const verified = await person.post(`/api/step-up/${id}/verify`, { method: 'passkey', response });
  await expectStatus(verified, 200);
  return grantSchema.parse(await verified.json());
}

/** Begins to add a passkey; `grant` where the person has an authenticator already. */
export function startPasskey(
  staff: Staff,
  options: { readonly name?: string; readonly grant?: string; readonly password?: string } = {},
): Promise<Response> {
  const { name = 'Laptop', grant, password = staff.password } = options;
  const headers: Record<string, string> = grant === undefined ? {} : { 'countersign-grant': grant };
  return staff.person.post('/api/authenticators/passkeys/options', { name, password }, headers);
}

/** Registers a passkey that was begun. */
export async function finishPasskey(
  person: Person,
  device: SoftwareAuthenticator,
  { started, lie = {} }: { readonly started: Response; readonly lie?: Partial<CreateOptions> },
): Promise<Response> {
  await expectStatus(started, 200);
  const { id, options } = passkeyEnrolmentSchema.parse(await started.clone().json());
  const origin = new URL(person.baseUrl).origin;
  const response = device.create(options as never, { origin, ...lie });
  return person.post('/api/authenticators/passkeys', { id, response });
}

/** One person of a new tenant, signed in, with a passkey and nothing else; the passkey's id. */
export async function hireWithPasskey(
  portal: TestPortal,
  device: SoftwareAuthenticator,
  role: Role = 'person',
): Promise<Staff & { readonly passkeyId: string; readonly recoveryCodes: readonly string[] }> {
  const staff = await hireSignedIn(portal, role);
  const bound = await finishPasskey(staff.person, device, { started: await startPasskey(staff) });
  await expectStatus(bound, 201);
  const { authenticator, recoveryCodes = [] } = (await bound.json()) as {
    authenticator: { id: string };
    recoveryCodes?: string[];
  };
  return { ...staff, passkeyId: authenticator.id, recoveryCodes };
}

/** Moves every time of the person's step-ups into the past, which is what waiting would do. */
export async function ageStepUps(
  portal: TestPortal,
  { id }: Staff,
  seconds: number,
): Promise<void> {
  const back = ['created_at', 'expires_at', 'verified_at', 'grant_expires_at', 'consumed_at'];
  const changes = back.map((column) => `${column} = ${column} - make_interval(secs => $2)`);
  // An emailed code carries its own time of sending.
  changes.push(`begun = case when begun ? 'sentAt' then jsonb_set(begun, '{sentAt}',
    to_jsonb((begun->>'sentAt')::timestamptz - make_interval(secs => $2))) else begun end`);
  await portal.owner.query(
    `update countersign.step_up set ${changes.join(', ')} where user_id = $1`,
    [id, seconds],
  );
}

/** Sets a tenant's policy, as its administrators would have. */
export async function setPolicy(
  portal: TestPortal,
  tenantId: string,
  policy: {
    readonly mfa?: Partial<MfaPolicy>;
    readonly emailBaseline?: boolean;
    readonly sessions?: Partial<SessionPolicy>;
    readonly acrValues?: readonly string[];
    readonly mfaAcr?: readonly string[];
    readonly mfaAmr?: readonly string[];
  },
): Promise<void> {
  const { emailBaseline = false, acrValues = [], mfaAcr = [], mfaAmr = [] } = policy;
  const mfa = { ...defaultTenantPolicy.mfa, ...policy.mfa };
  const sessions = { ...defaultTenantPolicy.sessions, ...policy.sessions };
  const stored = { mfa, emailBaseline, sessions, identityProvider: { acrValues, mfaAcr, mfaAmr } };
  await portal.owner.query(
    `insert into countersign.tenant_policy (tenant_id, version, policy) values ($1, 1, $2)
     on conflict (tenant_id) do update
       set policy = excluded.policy, version = countersign.tenant_policy.version + 1`,
    [tenantId, JSON.stringify(stored)],
  );
}

/** What one tenant's provider calls this person. */
export async function linkIdentity(
  portal: TestPortal,
  { id, tenantId }: Staff,
  { issuer, subject }: { readonly issuer: string; readonly subject: string },
): Promise<void> {
  await portal.owner.query(
    `insert into countersign.identity (tenant_id, issuer, subject, user_id) values ($1, $2, $3, $4)`,
    [tenantId, issuer, subject, id],
  );
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
