import { type Exchange, fieldOf } from '../exchange.ts';
import { type Actor, ask, askFor } from './actor.ts';
import type { Method } from './cells.ts';
import type { DemoProvider } from './demo-provider.ts';
import type { Mailbox } from './mailbox.ts';
import type { Json } from './passkey-device.ts';
import type { Confirmed } from './trial.ts';

/** What confirming needs beside the actor. */
export interface ConfirmingPorts {
  readonly provider: DemoProvider | null;
  readonly mailbox: Mailbox | null;
}

/** What is said of a port that is not there. */
export const LACKS: Readonly<Record<keyof ConfirmingPorts, string>> = {
  provider: 'no account at the identity provider is known here',
  mailbox: 'the mail of this portal cannot be read from here',
};

/** A code read off the app must still be good when it arrives. */
const CODE_HOLDS_MS = 4000;

/** The id of the challenge in a refusal; null when it carries none. */
export function challengeOf({ body }: Exchange): string | null {
  const id = fieldOf(body, 'challenge', 'id');
  return typeof id === 'string' ? id : null;
}

/**
 * Confirms one challenge, as the page would: begin, prove, verify. The cookie rotates on the way.
 *
 * @throws when the portal does not accept it.
 */
export async function confirm(
  actor: Actor,
  options: {
    readonly stepUpId: string;
    readonly method: Method;
    readonly ports: ConfirmingPorts;
  },
): Promise<Confirmed> {
  const { stepUpId, method } = options;
  const path = `/api/step-up/${stepUpId}/verify`;
  const verified = await ask(
    actor,
    async () => ({ method: 'POST', path, json: { method, ...(await prove(actor, options)) } }),
    `confirm: ${method}`,
  );
  const expiresAt = fieldOf(verified.body, 'expiresAt');
  if (verified.status !== 200 || typeof expiresAt !== 'string') {
    const code = fieldOf(verified.body, 'code');
    throw new Error(`confirming with ${method} answered ${verified.status} ${String(code)}`);
  }
  const grant = fieldOf(verified.body, 'grant');
  return { stepUpId, method, grant: typeof grant === 'string' ? grant : null, expiresAt };
}

async function prove(
  actor: Actor,
  { stepUpId, method, ports }: { stepUpId: string; method: Method; ports: ConfirmingPorts },
): Promise<Readonly<Record<string, unknown>>> {
  switch (method) {
    case 'totp':
      return { code: await need(actor.app).nextCode(CODE_HOLDS_MS) };
    case 'passkey': {
      const options = fieldOf((await begin(actor, stepUpId, method)).body, 'options');
      return { response: await need(actor.device).sign(options as Json) };
    }
    case 'idp': {
      const url = String(fieldOf((await begin(actor, stepUpId, method)).body, 'url'));
      return { response: { returnUrl: await need(ports.provider).signIn(actor.page, url) } };
    }
    case 'email':
      await begin(actor, stepUpId, method);
      return { code: await need(ports.mailbox).codeFor(actor.person.email) };
  }
}

function begin(actor: Actor, stepUpId: string, method: Method): Promise<Exchange> {
  return askFor(
    actor,
    { method: 'POST', path: `/api/step-up/${stepUpId}/begin`, json: { method } },
    { note: `begin: ${method}`, status: 200 },
  );
}

function need<T>(thing: T | null): T {
  if (thing === null) throw new TypeError('this person has no such way to confirm');
  return thing;
}
