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

/**
 * Makes one request from the actor's page and resolves to it as it was on the wire. Where the portal
 * says that this address tried too often, it waits as long as it is told to, once.
 */
export async function ask(actor: Actor, request: PageRequest, note: string): Promise<Exchange> {
  const exchange = await askOnce(actor, request, note);
  const waitSeconds = Number(headerOf(exchange.headers, 'retry-after'));
  if (exchange.status !== 429 || !(waitSeconds > 0)) return exchange;
  await new Promise((resolve) => setTimeout(resolve, waitSeconds * 1000));
  return askOnce(actor, request, note);
}

/** As {@link ask}. @throws when it is not answered with `status`. */
export async function askFor(
  actor: Actor,
  request: PageRequest,
  { note, status }: { readonly note: string; readonly status: number },
): Promise<Exchange> {
  const exchange = await ask(actor, request, note);
  if (exchange.status === status) return exchange;
  throw new Error(`${note}: ${request.method} ${request.path} answered ${exchange.status}`);
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
