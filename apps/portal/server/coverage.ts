import { tmpdir } from 'node:os';
import {
  openDatabase,
  relyingParty,
  type ServerContext,
  tenantProviders,
} from '@countersign/server';
import { Pool } from 'pg';
import { assembleApp } from './app.ts';

/**
 * The portal's served and declared routes, for `countersign doctor --app`. Nothing is connected to:
 * the routes are only named.
 */
export function describeCoverage() {
  const refuse = async (): Promise<never> => {
    throw new TypeError('describing routes serves no request');
  };
  const baseUrl = 'http://localhost:3000';
  const context: ServerContext = {
    database: openDatabase(new Pool({ max: 1 }), refuse),
    cookies: {
      readSession: refuse,
      readPending: refuse,
      readJourney: refuse,
      serializeJourney: refuse,
      serializeSession: refuse,
    },
    verifier: { open: refuse },
    passwords: { hash: refuse, verify: refuse },
    relyingParty: relyingParty('Countersign', baseUrl),
    identityProviders: tenantProviders({ baseUrl, installation: null, sealKeys: [] }),
    random: { bytes: (length) => new Uint8Array(length) },
    addressKey: new Uint8Array(32),
    codeKey: new Uint8Array(32),
    baseUrl,
    trustedProxies: [],
    mailPage: null,
    onError: () => undefined,
  };
  const { app, routes } = assembleApp({
    context,
    handleAuth: refuse,
    outbox: { folder: tmpdir() },
  });
  return { routes: app.routes, declared: routes };
}
