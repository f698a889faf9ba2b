import type { Client } from 'pg';
import type { Browser, Page } from 'playwright-core';
import type { Authenticator } from '../authenticator.ts';
import { captureSettled } from '../capture-settled.ts';
import type { Exchange } from '../exchange.ts';
import type { DirectRequest, ExchangeRecorder } from '../exchange-recorder.ts';
import type { Actor } from '../operations/actor.ts';
import type { ConfirmingPorts } from '../operations/confirm.ts';
import type { DemoProvider } from '../operations/demo-provider.ts';
import type { MailedLink } from '../operations/mailbox.ts';
import { openActor, personOf } from '../operations/open-actor.ts';
import { bindPasskey } from '../operations/perform.ts';
import { enrolApp, signIn } from '../operations/sign-in.ts';
import { leaveInactive } from '../operations/time-moves.ts';
import type { Witness } from '../witness.ts';
import type { SignInRole, SignInTenant } from './open-sign-in-tenant.ts';

/** Where one way of signing in is shown: browsers of its own people, closed when the step is over. */
export interface SignInStage {
  /** Somebody of the step at their browser, opened when first asked for. */
  at(role: SignInRole): Promise<Actor>;
  /** As {@link at}, with an authenticator app, at a browser that has forgotten the session. */
  withApp(role: SignInRole): Promise<Actor>;
  /** As {@link at}, signed in, with a passkey. */
  withPasskey(role: SignInRole): Promise<Actor>;
  readonly memory: SignInMemory;
  /** What people type to sign in at their organisation's provider. */
  readonly signInName: string;
  readonly provider: DemoProvider;
  /** `key` is in base 32. */
  createApp(key: string): Authenticator;
  codeMailedTo(actor: Actor): Promise<string>;
  /** The newest mail with a link to a page, which is kept. */
  linkMailedTo(actor: Actor, path: string): Promise<MailedLink>;
  /** Leaves so many seconds to the sessions of a person before they end for want of use. */
  leaveInactive(actor: Actor, seconds: number): Promise<void>;
  send(request: DirectRequest): Promise<Exchange>;
  /** The portal's cookies of a browser as one header. */
  cookie(actor: Actor): Promise<string>;
  /** Takes a picture of the browser used last, with every secret masked. */
  capture(name: string): Promise<void>;
  close(): Promise<void>;
}

/** What the act needs of what was prepared. */
export interface SignInMemory {
  /** `Cookie` header of a session that goes on. */
  olderCookie: string;
}

export interface SignInStageOptions {
  readonly browser: Browser;
  readonly baseUrl: string;
  readonly client: Client;
  readonly recorder: ExchangeRecorder;
  readonly witness: Witness;
  readonly tenant: SignInTenant;
  readonly ports: ConfirmingPorts;
  readonly createApp: (key: string) => Authenticator;
}

export function openSignInStage(options: SignInStageOptions): SignInStage {
  const { recorder, witness, client, tenant, ports, baseUrl } = options;
  const actors = new Map<SignInRole, Promise<Actor>>();
  const memory: SignInMemory = { olderCookie: '' };
  let latest: Page | null = null;
  const at = async (role: SignInRole): Promise<Actor> => {
    const opened = actors.get(role) ?? openAt(options, role);
    actors.set(role, opened);
    const actor = await opened;
    latest = actor.page;
    return actor;
  };
  const cookie = async ({ page }: Actor): Promise<string> => {
    const cookies = await page.context().cookies(baseUrl);
    return cookies.map(({ name, value }) => `${name}=${value}`).join('; ');
  };
  return {
    at,
    cookie,
    memory,
    withApp: async (role) => {
      const actor = await at(role);
      await signIn(actor);
      await enrolApp(actor, options.createApp);
      memory.olderCookie = await cookie(actor);
      await actor.page.context().clearCookies();
      return actor;
    },
    withPasskey: async (role) => {
      const actor = await at(role);
      await signIn(actor);
      const bound = await bindPasskey(actor, { name: 'Laptop', method: null, ports });
      actor.device = bound.device;
      return actor;
    },
    signInName: tenant.signInName,
    get provider() {
      return need(ports.provider);
    },
    createApp: options.createApp,
    codeMailedTo: ({ person }) => need(ports.mailbox).codeFor(person.email),
    linkMailedTo: async ({ person }, path) => {
      const link = await need(ports.mailbox).linkFor(person.email, path);
      witness.keepMail(link.mail);
      return link;
    },
    leaveInactive: ({ person }, seconds) => leaveInactive(client, person.userId, seconds),
    send: recorder.send,
    capture: async (name) => captureSettled(need(latest), name, options),
    close: async () => {
      for (const opened of await Promise.allSettled(actors.values())) {
        if (opened.status === 'fulfilled') await opened.value.page.context().close();
      }
    },
  };
}

function openAt(options: SignInStageOptions, role: SignInRole): Promise<Actor> {
  const user = options.tenant.user(role);
  const place = options.tenant.users.indexOf(user) + 1;
  return openActor(options, {
    by: role,
    person: personOf(user),
    address: `198.51.100.${place}`,
    runsScripts: true,
  });
}

function need<T>(thing: T | null): T {
  if (thing === null) throw new TypeError('this step has nothing to be shown with here');
  return thing;
}
