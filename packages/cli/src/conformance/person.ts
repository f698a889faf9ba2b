import type { Role } from '@countersign/server/better-auth';
import { fieldOf } from '../evidence/exchange.ts';
import { type GetOptions, SoftwareAuthenticator } from '../forgery/software-authenticator.ts';
import { generateCode } from '../totp/totp-code.ts';
import { NotTried } from './check.ts';
import { type Ground, presentStep } from './ground.ts';
import { need } from './judge.ts';
import type { Answer, Visitor } from './visitor.ts';

/** Somebody with an account, and the browser they sit at. */
export interface Person {
  readonly userId: string;
  readonly tenantId: string;
  readonly email: string;
  password: string;
  readonly role: Role;
  readonly visitor: Visitor;
  /** Of their authenticator app, in base 32; empty before there is one. */
  key: string;
  recoveryCodes: readonly string[];
  /** The device with their passkey. */
  device: SoftwareAuthenticator | null;
}

/** The password step, by whoever sits at `visitor`. */
export function sendPassword(
  { email, password }: Pick<Person, 'email' | 'password'>,
  visitor: Visitor,
): Promise<Answer> {
  return visitor.post('/api/auth/sign-in/email', { email, password });
}

/** Signs in with a password alone. */
export async function signIn(person: Person): Promise<Person> {
  need(await sendPassword(person, person.visitor), 200, 'signing in');
  return person;
}

/** Another browser of the same person, up to the challenge. */
export async function pendingElsewhere(ground: Ground, person: Person): Promise<Visitor> {
  const visitor = ground.visitor();
  const answer = need(await sendPassword(person, visitor), 200, 'the password');
  if (fieldOf(answer.text, 'challenge') === 'required') return visitor;
  throw new NotTried('the password led to no challenge');
}

/** Signs in, in another browser, with password and a fresh code. */
export async function signInElsewhere(ground: Ground, person: Person): Promise<Visitor> {
  const visitor = await pendingElsewhere(ground, person);
  need(await sendCode(visitor, await freshCode(ground, person)), 200, 'the code');
  return visitor;
}

/** A code typed at the challenge, or inside a session. */
export function sendCode(visitor: Visitor, code: string): Promise<Answer> {
  return visitor.post('/api/auth/two-factor/verify-totp', { code });
}

/** Somebody of a new tenant, signed in, with an authenticator app. */
export async function hireWithApp(ground: Ground, role: Role = 'person'): Promise<Person> {
  const [person] = await ground.hire({ roles: [role] });
  await signIn(person);
  await enrolApp(ground, person);
  return person;
}

/** Somebody of a new tenant, signed in, with a passkey. */
export async function hireWithPasskey(ground: Ground, role: Role = 'person'): Promise<Person> {
  const [person] = await ground.hire({ roles: [role] });
  await signIn(person);
  await bindPasskey(person);
  return person;
}

/** Binds an authenticator app with its first code. */
export async function enrolApp(ground: Ground, person: Person): Promise<void> {
  const { visitor, password } = person;
  const started = await visitor.post('/api/auth/two-factor/enable', { password });
  need(started, 200, 'beginning an enrolment');
  const uri = URL.parse(String(fieldOf(started.text, 'totpURI')));
  person.key = uri?.searchParams.get('secret') ?? '';
  const bound = need(await sendCode(visitor, await freshCode(ground, person)), 200, 'a first code');
  const codes = fieldOf(bound.text, 'recoveryCodes');
  if (Array.isArray(codes)) person.recoveryCodes = codes.map(String);
}

/** Binds a passkey on a device of its own; `grant` where the person has an authenticator already. */
export async function bindPasskey(person: Person, grant?: string): Promise<void> {
  const { visitor, password } = person;
  const asked = { name: 'Conformance passkey', password };
  const started = await visitor.post('/api/authenticators/passkeys/options', asked, grant);
  need(started, 200, 'beginning a passkey');
  const device = new SoftwareAuthenticator();
  const response = device.create(fieldOf(started.text, 'options') as never, {
    origin: visitor.baseUrl,
  });
  const id = fieldOf(started.text, 'id');
  const bound = await visitor.post('/api/authenticators/passkeys', { id, response });
  need(bound, 201, 'binding a passkey');
  person.device = device;
  const codes = fieldOf(bound.text, 'recoveryCodes');
  if (Array.isArray(codes)) person.recoveryCodes = codes.map(String);
}

/** The code of the present time step, usable whatever was used before. */
export async function freshCode(ground: Ground, person: Person): Promise<string> {
  await ground.time.passCodes(person.userId);
  return codeAt(ground, person, 0);
}

/** The code so many steps of 30 s from now. */
export function codeAt(ground: Ground, { key }: Person, steps: number): Promise<string> {
  return ground.codes.codeAt(key, presentStep(ground) + steps);
}

/** Six digits that are no code of this person, now or for minutes around. */
export async function wrongCode(ground: Ground, { key }: Person): Promise<string> {
  const present = presentStep(ground);
  const near = await Promise.all(
    [-3, -2, -1, 0, 1, 2, 3].map((steps) => generateCode(key, present + steps)),
  );
  // Fifteen codes can be at most seven times right by chance.
  const candidates = Array.from({ length: 15 }, (_, index) => String(index * 61_803 + 17_394));
  return candidates.find((code) => code.length === 6 && !near.includes(code)) ?? '';
}

/** Lets the person's passkey sign request options; `lie` is what it says differently from the truth. */
export function signWith(
  { device, visitor }: Person,
  options: unknown,
  lie: Partial<GetOptions> = {},
): object {
  if (device === null) throw new TypeError('this person has no passkey');
  return device.get(options as never, { origin: visitor.baseUrl, ...lie });
}

/** What a session may do, as the portal says: `active`, `pending` or `none`, with its level. */
export async function standingOf(visitor: Visitor): Promise<{ state: string; aal: number }> {
  const answer = need(await visitor.get('/api/session'), 200, 'asking for the session');
  const aal = fieldOf(answer.text, 'assurance', 'aal');
  return {
    state: String(fieldOf(answer.text, 'state')),
    aal: typeof aal === 'number' ? aal : 0,
  };
}
