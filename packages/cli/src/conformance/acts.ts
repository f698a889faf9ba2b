import { fieldOf } from '../evidence/exchange.ts';
import { NotTried } from './check.ts';
import type { Ground } from './ground.ts';
import { need } from './judge.ts';
import { freshCode, type Person, signWith } from './person.ts';
import { type Answer, grantHeader, type Sent, type Visitor } from './visitor.ts';

/** Protected requests, as an attacker would make them. */
export const acts = {
  purge: (recordIds: readonly string[]): Sent => ({
    method: 'POST',
    path: '/api/records/purge',
    json: { recordIds },
  }),
  export: (format: 'ndjson' | 'csv'): Sent => ({
    method: 'POST',
    path: '/api/exports',
    json: { format },
  }),
  createKey: (name: string): Sent => ({
    method: 'POST',
    path: '/api/api-keys',
    json: {
      name,
      scopes: ['records:read'],
      expiresAt: new Date(Date.now() + 86_400_000).toISOString().slice(0, 19).concat('Z'),
    },
  }),
  revokeKey: (id: string): Sent => ({ method: 'DELETE', path: `/api/api-keys/${id}` }),
  newRecoveryCodes: { method: 'POST', path: '/api/recovery-codes', json: {} } as Sent,
};

/** Makes a request with a grant. */
export function sendWith(visitor: Visitor, request: Sent, grant: string): Promise<Answer> {
  return visitor.send({ ...request, headers: { ...request.headers, ...grantHeader(grant) } });
}

/** Asks for a protected act, and resolves to the challenge in its refusal. @throws {NotTried} without */
export async function challengeFor(visitor: Visitor, request: Sent): Promise<string> {
  const asked = await visitor.send(request);
  const id = fieldOf(asked.text, 'challenge', 'id');
  if (asked.status === 401 && typeof id === 'string') return id;
  throw new NotTried(`no challenge was given: ${asked.status} ${asked.code ?? ''}`.trimEnd());
}

/** The ways of confirming that a refusal offers. */
export function methodsIn(answer: Answer): readonly string[] {
  const methods = fieldOf(answer.text, 'challenge', 'methods');
  return Array.isArray(methods) ? methods.map(String) : [];
}

/** Asks for a protected act and confirms it with the app: the grant for one retry. */
export async function grantFor(ground: Ground, person: Person, request: Sent): Promise<string> {
  return confirmByApp(ground, person, await challengeFor(person.visitor, request));
}

/** Confirms a challenge with the app: the grant for one retry. */
export async function confirmByApp(ground: Ground, person: Person, id: string): Promise<string> {
  const { visitor } = person;
  const code = await freshCode(ground, person);
  const verified = await verify(visitor, id, { method: 'totp', code });
  const grant = fieldOf(need(verified, 200, 'confirming').text, 'grant');
  if (typeof grant === 'string') return grant;
  throw new NotTried('confirming gave no grant');
}

export function begin(visitor: Visitor, id: string, method: string): Promise<Answer> {
  return visitor.post(`/api/step-up/${id}/begin`, { method });
}

export function verify(visitor: Visitor, id: string, proof: object): Promise<Answer> {
  return visitor.post(`/api/step-up/${id}/verify`, proof);
}

/** WebAuthn request options for one challenge. */
export async function passkeyOptions(visitor: Visitor, id: string): Promise<unknown> {
  const begun = need(await begin(visitor, id, 'passkey'), 200, 'beginning with a passkey');
  return fieldOf(begun.text, 'options');
}

/** Confirms with a passkey, from challenge to answer. */
export async function confirmByPasskey(person: Person, id: string): Promise<Answer> {
  const { visitor } = person;
  const response = signWith(person, await passkeyOptions(visitor, id));
  return verify(visitor, id, { method: 'passkey', response });
}

/** Imports records with these names; their ids, in that order. */
export async function importRecords(
  visitor: Visitor,
  names: readonly string[],
): Promise<readonly string[]> {
  const csv = ['externalId,name,note', ...names.map((it) => `${it},Record ${it},`)].join('\n');
  const imported = await visitor.send({ method: 'POST', path: '/api/records/import', csv });
  need(imported, 201, 'importing records');
  const items = await itemsOf(visitor, '/api/records?limit=100');
  return names.map((it) => String(items.find((item) => item['externalId'] === it)?.['id']));
}

/** The items of a list. @throws {NotTried} when it cannot be read */
export async function itemsOf(
  visitor: Visitor,
  path: string,
): Promise<readonly Readonly<Record<string, unknown>>[]> {
  const items = fieldOf(need(await visitor.get(path), 200, path).text, 'items');
  return Array.isArray(items) ? items : [];
}
