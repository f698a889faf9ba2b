import type { Browser } from 'playwright-core';
import type { Authenticator } from '../authenticator.ts';
import type { ExchangeRecorder } from '../exchange-recorder.ts';
import type { Actor, Person } from './actor.ts';
import { openActor as openActorAt, personOf } from './open-actor.ts';
import { APP_PEOPLE, MAIL_PEOPLE, type OperationsTenant, type Role } from './open-tenant.ts';
import { bindPasskey } from './perform.ts';
import { enrolApp, isSignedIn, signIn, signInByRecoveryCode } from './sign-in.ts';

/** Everybody the operations are played with, each at a browser of their own. */
export interface Cast {
  /** An administrator with a passkey; everything that is refused is tried from here. */
  readonly main: Actor;
  /** Another browser of the same person, signed in anew where an operation ended its session. */
  mainElsewhere(): Promise<Actor>;
  /** An administrator with an authenticator app: the one who soonest has so many codes to give. */
  withApp(codes: number): Actor;
  /** Another administrator of the tenant, with an authenticator of their own. */
  colleague(): Actor;
  /** Takes a person with an app out of the play: the account or the app is gone. */
  retire(actor: Actor): void;
  /** An administrator known at the identity provider; null where no account of one is known. */
  readonly atProvider: Actor | null;
  /** An administrator who has no authenticator and whose address was verified long ago. */
  withMail(operation: string): Promise<Actor>;
}

export interface CastOptions {
  readonly browser: Browser;
  readonly baseUrl: string;
  readonly recorder: ExchangeRecorder;
  readonly tenant: OperationsTenant;
  readonly hasProvider: boolean;
  readonly createApp: (key: string) => Authenticator;
  /** Makes an address one that was verified long ago. */
  readonly ageAddress: (userId: string) => Promise<void>;
}

/** A code read off an app must still be good when it arrives. */
const CODE_HOLDS_MS = 4000;

/** Opens the browsers, signs everybody in and binds what they confirm with. */
export async function openCast(options: CastOptions): Promise<Cast> {
  const person = personOf(options.tenant.user('main'));
  const [main, elsewhere, apps, atProvider] = await Promise.all([
    openMain(options, person),
    openActor(options, { by: 'main, second browser', person, place: 2 }),
    Promise.all(APP_PEOPLE.map((role, index) => openWithApp(options, role, 10 + index))),
    options.hasProvider ? openSignedIn(options, 'provider', 3) : null,
  ]);
  const pool = new Set(apps);
  const mails = new Map<string, Promise<Actor>>();
  return {
    main,
    atProvider,
    mainElsewhere: async () => {
      if (!(await isSignedIn(elsewhere))) await signInByRecoveryCode(elsewhere);
      return elsewhere;
    },
    withApp: (codes) => soonest([...pool], codes),
    colleague: () => someone([...pool]),
    retire: (actor) => pool.delete(actor),
    withMail: (operation) => {
      const known = mails.get(operation) ?? openWithMail(options, mails.size);
      mails.set(operation, known);
      return known;
    },
  };
}

async function openMain(options: CastOptions, person: Person): Promise<Actor> {
  const actor = await openActor(options, { by: 'main', person, place: 1 });
  await signIn(actor);
  // Without any authenticator the password is enough for the first.
  const ports = { provider: null, mailbox: null };
  const first = await bindPasskey(actor, { name: 'First passkey', method: null, ports });
  actor.device = first.device;
  await actor.page.goto('/app');
  return actor;
}

async function openWithApp(options: CastOptions, role: Role, place: number): Promise<Actor> {
  const actor = await openSignedIn(options, role, place);
  await enrolApp(actor, options.createApp);
  return actor;
}

async function openWithMail(options: CastOptions, already: number): Promise<Actor> {
  const role = MAIL_PEOPLE[already];
  if (role === undefined)
    throw new TypeError('there are not so many people without authenticators');
  await options.ageAddress(options.tenant.user(role).id);
  return openSignedIn(options, role, 20 + already);
}

async function openSignedIn(options: CastOptions, role: Role, place: number): Promise<Actor> {
  const person = personOf(options.tenant.user(role));
  const actor = await openActor(options, { by: role, person, place });
  await signIn(actor);
  return actor;
}

function openActor(
  options: CastOptions,
  { by, person, place }: { by: string; person: Person; place: number },
): Promise<Actor> {
  return openActorAt(options, {
    by,
    person,
    address: `203.0.113.${place}`,
    // Pictures are taken of the main person's page alone. The others run none of the portal's scripts:
    // a page that goes elsewhere by itself cannot be asked from.
    runsScripts: by === 'main',
  });
}

function soonest(actors: readonly Actor[], codes: number): Actor {
  const waitMs = ({ app }: Actor): number =>
    app?.waitMs(codes, CODE_HOLDS_MS) ?? Number.POSITIVE_INFINITY;
  return someone(actors.toSorted((one, other) => waitMs(one) - waitMs(other)));
}

function someone([first]: readonly Actor[]): Actor {
  if (first === undefined) throw new TypeError('nobody with an authenticator app is left');
  return first;
}
