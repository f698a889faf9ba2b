import { setTimeout } from 'node:timers/promises';
import type { Page } from 'playwright-core';
import type { Authenticator } from '../authenticator.ts';
import { type Exchange, headerOf } from '../exchange.ts';
import type { ExchangeRecorder } from '../exchange-recorder.ts';
import type { DeviceBay, PasskeyDevice } from './passkey-device.ts';

/** Someone with an account, wherever they are signed in; what they know changes with what they do. */
export interface Person {
  readonly userId: string;
  /** The address they sign in with. */
  email: string;
  password: string;
  recoveryCodes: readonly string[];
}

/** A person at one signed-in page: what is asked here carries the page's own cookie and origin. */
export interface Actor {
  /** Whose browser it is, as the exchanges name it. */
  readonly by: string;
  readonly person: Person;
  readonly page: Page;
  readonly recorder: ExchangeRecorder;
  /** Of this session; empty before sign-in. */
  sid: string;
  /** Their authenticator app, once it is bound. */
  app: Authenticator | null;
  readonly bay: DeviceBay;
  /** The device their passkey is on, once there is one. */
  device: PasskeyDevice | null;
}

export interface PageRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly path: string;
  readonly json?: unknown;
  readonly csv?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A request; or, where it holds a code that ages, how to make it anew. */
export type Asked = PageRequest | (() => Promise<PageRequest>);

/**
 * Makes one request from the actor's page and resolves to it as it was on the wire. Where the portal
 * says that this address tried too often, it waits as long as it is told to and asks once more.
 */
export async function ask(actor: Actor, asked: Asked, note: string): Promise<Exchange> {
  const make = typeof asked === 'function' ? asked : async () => asked;
  const exchange = await askOnce(actor, await make(), note);
  const waitSeconds = Number(headerOf(exchange.headers, 'retry-after'));
  if (exchange.status !== 429 || !(waitSeconds > 0)) return exchange;
  await setTimeout(waitSeconds * 1000);
  return askOnce(actor, await make(), note);
}

/** As {@link ask}. @throws when it is not answered with `status`. */
export async function askFor(
  actor: Actor,
  asked: Asked,
  { note, status }: { readonly note: string; readonly status: number },
): Promise<Exchange> {
  const exchange = await ask(actor, asked, note);
  if (exchange.status === status) return exchange;
  throw new Error(`${note}: ${exchange.method} ${exchange.path} answered ${exchange.status}`);
}

function askOnce(actor: Actor, request: PageRequest, note: string): Promise<Exchange> {
  const { page, recorder, by } = actor;
  const { method, path } = request;
  const body = request.csv ?? (request.json === undefined ? null : JSON.stringify(request.json));
  const type = request.csv === undefined ? 'application/json' : 'text/csv';
  const headers = { ...(body === null ? {} : { 'content-type': type }), ...request.headers };
  return recorder.expect({ by, note, method, path }, () =>
    page.evaluate(sendFromPage, { method, path, headers, body }),
  );
}

/** Runs in the page. */
async function sendFromPage({
  path,
  ...init
}: {
  method: string;
  path: string;
  headers: Record<string, string>;
  body: string | null;
}): Promise<void> {
  const response = await fetch(path, init);
  await response.arrayBuffer();
}
