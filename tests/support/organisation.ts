import {
  identityProviderDocumentSchema,
  type Session,
  sessionSchema,
} from '@countersign/server/contract';
import { z } from 'zod';
import { act } from './clinic-operations.ts';
import type { Person } from './person.ts';
import type { Staff } from './staff.ts';
import type { TestPortal } from './test-portal.ts';

/** What an administrator types of their organisation's provider. */
export interface RecordedProvider {
  readonly signInName: string | null;
  readonly issuer: string | null;
  readonly clientId: string | null;
  readonly clientSecret?: string;
  readonly maxAgeSeconds: number;
}

/** Sends a provider to be recorded; nothing is confirmed. */
export function sendProvider(
  person: Person,
  provider: RecordedProvider,
  { version, grant }: { readonly version: number; readonly grant?: string },
): Promise<Response> {
  const headers = {
    'if-match': `"${version}"`,
    ...(grant === undefined ? {} : { 'countersign-grant': grant }),
  };
  return person.send('PUT', '/api/identity-provider', { json: provider, headers });
}

/** Records a provider as an administrator with an authenticator does. @throws when it was refused */
export async function recordProvider(
  portal: TestPortal,
  administrator: Staff,
  provider: RecordedProvider,
  version = 0,
): Promise<void> {
  await act(portal, administrator, {
    method: 'PUT',
    path: '/api/identity-provider',
    json: provider,
    headers: { 'if-match': `"${version}"` },
  });
}

/** Which addresses an administrator is told to register at the provider of their own. */
export async function redirectUrisOf({ person }: Staff): Promise<readonly string[]> {
  const answer = await person.get('/api/identity-provider');
  return identityProviderDocumentSchema.parse(await answer.json()).redirectUris;
}

const journeySchema = z.object({ url: z.string(), state: z.string() });

/** Sets out to the provider of an organisation. @throws when there is none of that name */
export async function setOut(person: Person, organisation: string) {
  const response = await person.post('/api/auth/sign-in/provider', { organisation });
  return journeySchema.parse(await response.json());
}

/** Brings the provider's answer back. */
export function bringBack(person: Person, returnUrl: string): Promise<Response> {
  return person.post('/api/auth/sign-in/provider-return', { returnUrl });
}

interface Provider {
  authorize(url: string): Promise<string>;
}

/** There and back again. */
export async function signInThere(
  person: Person,
  provider: Provider,
  organisation: string,
): Promise<Response> {
  const { url } = await setOut(person, organisation);
  return bringBack(person, await provider.authorize(url));
}

export async function sessionOf(person: Person): Promise<Session> {
  return sessionSchema.parse(await (await person.get('/api/session')).json());
}

/** Makes somebody a member of another person's tenant as well; they joined their own first. */
export async function joinAlso(portal: TestPortal, staff: Staff, tenantId: string): Promise<void> {
  await portal.owner.query(
    `insert into member (id, "organizationId", "userId", role, "createdAt")
     values (gen_random_uuid()::text, $1, $2, 'person', now())`,
    [tenantId, staff.id],
  );
}
