import { type Exchange, fieldOf } from '../exchange.ts';
import { type Actor, askFor, type PageRequest } from './actor.ts';
import type { Method } from './cells.ts';
import { type ConfirmingPorts, challengeOf, confirm } from './confirm.ts';
import type { Json, PasskeyDevice } from './passkey-device.ts';
import { codesIn } from './sign-in.ts';

/** How a person does something protected on the way to what a step is about. */
export interface Performing {
  /** Null for a person without any authenticator, where the password in the request is enough. */
  readonly method: Method | null;
  readonly ports: ConfirmingPorts;
  readonly note: string;
  /** Of success. */
  readonly status: number;
}

/** The request with the grant it rests on. */
export function withGrant(request: PageRequest, grant: string | null): PageRequest {
  if (grant === null) return request;
  return { ...request, headers: { ...request.headers, 'countersign-grant': grant } };
}

/** Does one protected thing from first to last. @throws when any of it is refused. */
export async function perform(
  actor: Actor,
  request: PageRequest,
  { method, ports, note, status }: Performing,
): Promise<Exchange> {
  if (method === null) return askFor(actor, request, { note, status });
  const refused = await askFor(actor, request, { note: `${note}, asked`, status: 401 });
  const stepUpId = challengeOf(refused);
  if (stepUpId === null) throw new Error(`${note}: no challenge was given`);
  const { grant } = await confirm(actor, { stepUpId, method, ports });
  return askFor(actor, withGrant(request, grant), { note, status });
}

/** Binds a passkey on a device of its own; resolves to the authenticator's id and the device. */
export async function bindPasskey(
  actor: Actor,
  { name, ...performing }: Pick<Performing, 'method' | 'ports'> & { readonly name: string },
): Promise<{ readonly id: string; readonly device: PasskeyDevice }> {
  const started = await perform(actor, addPasskeyRequest(actor, name), {
    ...performing,
    note: `add a passkey: ${name}`,
    status: 200,
  });
  return finishPasskey(actor, started);
}

export function addPasskeyRequest({ person }: Actor, name: string): PageRequest {
  const json = { name, password: person.password };
  return { method: 'POST', path: '/api/authenticators/passkeys/options', json };
}

/** Makes the credential that was begun, and binds it. */
export async function finishPasskey(
  actor: Actor,
  started: Exchange,
): Promise<{ readonly id: string; readonly device: PasskeyDevice }> {
  const device = await actor.bay.plugIn();
  const response = await device.create(fieldOf(started.body, 'options') as Json);
  const bound = await askFor(
    actor,
    {
      method: 'POST',
      path: '/api/authenticators/passkeys',
      json: { id: fieldOf(started.body, 'id'), response },
    },
    { note: 'add a passkey: the new credential', status: 201 },
  );
  const codes = codesIn(bound.body);
  if (codes.length > 0) actor.person.recoveryCodes = codes;
  return { id: String(fieldOf(bound.body, 'authenticator', 'id')), device };
}
