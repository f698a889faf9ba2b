import type { Authenticator } from '../authenticator.ts';
import { fieldOf } from '../exchange.ts';
import { type Actor, askFor } from './actor.ts';

/** Signs in with the password alone, for a person who has no authenticator. */
export async function signIn(actor: Actor): Promise<void> {
  await sendPassword(actor);
  await noteSession(actor);
}

/** Signs in with the password and a recovery code, which is spent. */
export async function signInByRecoveryCode(actor: Actor): Promise<void> {
  const { person } = actor;
  await sendPassword(actor);
  const [code = '', ...left] = person.recoveryCodes;
  person.recoveryCodes = left;
  await askFor(
    actor,
    { method: 'POST', path: '/api/auth/two-factor/verify-backup-code', json: { code } },
    { note: 'sign in: recovery code', status: 200 },
  );
  await noteSession(actor);
}

/** Whether the actor's session still reaches the application. */
export async function isSignedIn(actor: Actor): Promise<boolean> {
  const asked = { method: 'GET', path: '/api/session' } as const;
  const { body } = await askFor(actor, asked, { note: 'still signed in?', status: 200 });
  return fieldOf(body, 'state') === 'active';
}

/** Binds an authenticator app with its first code; `createApp` is given the key, in base 32. */
export async function enrolApp(
  actor: Actor,
  createApp: (key: string) => Authenticator,
): Promise<void> {
  const { person } = actor;
  const started = await askFor(
    actor,
    {
      method: 'POST',
      path: '/api/auth/two-factor/enable',
      json: { password: person.password },
    },
    { note: 'enrol an app: password', status: 200 },
  );
  const uri = URL.parse(String(fieldOf(started.body, 'totpURI')));
  const app = createApp(uri?.searchParams.get('secret') ?? '');
  const bound = await askFor(
    actor,
    async () => ({
      method: 'POST',
      path: '/api/auth/two-factor/verify-totp',
      json: { code: await app.nextCode(4000) },
    }),
    { note: 'enrol an app: first code', status: 200 },
  );
  person.recoveryCodes = codesIn(bound.body);
  actor.app = app;
}

/** The recovery codes in an answer; none when it has none. */
export function codesIn(body: string | null): readonly string[] {
  const codes = fieldOf(body, 'recoveryCodes');
  return Array.isArray(codes) ? codes.map(String) : [];
}

function sendPassword(actor: Actor) {
  const { email, password } = actor.person;
  return askFor(
    actor,
    { method: 'POST', path: '/api/auth/sign-in/email', json: { email, password } },
    { note: 'sign in: password', status: 200 },
  );
}

/** Notes which session it is. */
async function noteSession(actor: Actor): Promise<void> {
  const asked = { method: 'GET', path: '/api/sessions' } as const;
  const { body } = await askFor(actor, asked, { note: 'which session is this?', status: 200 });
  const items = fieldOf(body, 'items');
  const own = Array.isArray(items) ? items.find(({ current }) => current === true) : undefined;
  actor.sid = String(own?.id ?? '');
}
