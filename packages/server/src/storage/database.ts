import { randomBytes, randomUUID } from 'node:crypto';
import { Kysely, PostgresDialect } from 'kysely';
import type { Pool } from 'pg';
import type { Notice, OpenUnit, Transactions } from '../ceremonies/ports.ts';
import { type RepudiationLinks, withLink } from '../ceremonies/repudiation.ts';
import { addressProofStore } from './address-proof-store.ts';
import { appendEntry, prepareEntry } from './audit-store.ts';
import { authenticatorStore } from './authenticator-store.ts';
import { budgetStore } from './budget-store.ts';
import { failureNoticeStore } from './failure-notice-store.ts';
import { freezeStore } from './freeze-store.ts';
import { type IdentityRow, identityReader } from './identity-query.ts';
import { identityStore } from './identity-store.ts';
import { invitationStore } from './invitation-store.ts';
import { knownDeviceStore } from './known-device-store.ts';
import { passkeySignInStore } from './passkey-sign-in-store.ts';
import { passkeyStore } from './passkey-store.ts';
import { passwordResetStore } from './password-reset-store.ts';
import { pendingSignInStore } from './pending-sign-in-store.ts';
import { peopleStore } from './people-store.ts';
import { policyStore } from './policy-store.ts';
import { recoveryCodeStore } from './recovery-code-store.ts';
import { sessionStore } from './session-store.ts';
import { firstLocks, stepUpStore } from './step-up-store.ts';
import type { CountersignTables } from './tables.ts';
import { providerJourneyStore, tenantProviderStore } from './tenant-provider-store.ts';
import {
  commit,
  finish,
  type OpenTransaction,
  rollback,
  runTransaction,
  sendTogether,
  type Tx,
} from './transaction.ts';
import { windowStore } from './window-store.ts';

export type { Tx } from './transaction.ts';

/** Queues a mail inside the given transaction. */
export type MailQueue = (tx: Tx, notice: Notice) => Promise<void>;

export interface Database extends Transactions<Tx> {
  readonly kysely: Kysely<CountersignTables>;
  readonly pool: Pool;
  /** What signs the "this wasn't me" links of mails, and reads them; null where mails carry none. */
  readonly links: RepudiationLinks | null;
  /** What one request's identity rests on, by its session token; null when there is none. */
  readonly findIdentity: (token: string) => Promise<IdentityRow | null>;
}

/**
 * Binds the ports to one PostgreSQL pool, signed in as the application role. Without `links` mails say
 * whom to tell, and carry no link.
 */
export function openDatabase(
  pool: Pool,
  queueMail: MailQueue,
  links: RepudiationLinks | null = null,
): Database {
  const kysely = new Kysely<CountersignTables>({ dialect: new PostgresDialect({ pool }) });
  const lockedTransaction: Database['lockedTransaction'] = (lock, work) =>
    runTransaction(
      pool,
      (client) => lock(firstLocks(client)),
      (open, locked) => work(openUnit(open, queueMail, links), locked),
    );
  const openTransaction: Database['openTransaction'] = (work) =>
    runTransaction(
      pool,
      async () => undefined,
      (open) => work(openUnit(open, queueMail, links)),
    );
  return {
    kysely,
    pool,
    links,
    findIdentity: identityReader(pool),
    openTransaction,
    lockedTransaction,
    transaction: (work) =>
      openTransaction(async (unit) => {
        const result = await work(unit);
        if (unit.isOpen) await unit.commit();
        return result;
      }),
  };
}

function openUnit(
  open: OpenTransaction,
  queueMail: MailQueue,
  links: RepudiationLinks | null,
): OpenUnit<Tx> {
  const { tx, client, now } = open;
  return {
    tx,
    now,
    get isOpen() {
      return open.isOpen;
    },
    commit: () => commit(open),
    finish: (last) => finish(open, last),
    together: (statements) => sendTogether(open, statements),
    rollback: () => rollback(open),
    prepare: (input) => prepareEntry(input, { at: now, newSalt }),
    record: async (input) => {
      const entry = prepareEntry(input, { at: now, newSalt });
      await appendEntry(client, entry);
      return entry;
    },
    newId: randomUUID,
    newSalt,
    notify: (notice) => queueMail(tx, withLink(notice, { now, links })),
    // Made where they are asked for: a ceremony uses few of them.
    get people() {
      return peopleStore(tx);
    },
    get authenticators() {
      return authenticatorStore(tx, client);
    },
    get budgets() {
      return budgetStore(tx);
    },
    get windows() {
      return windowStore(client);
    },
    get sessions() {
      return sessionStore(tx);
    },
    get addressProofs() {
      return addressProofStore(tx);
    },
    get failureNotices() {
      return failureNoticeStore(tx);
    },
    get passwordResets() {
      return passwordResetStore(tx);
    },
    get invitations() {
      return invitationStore(tx);
    },
    get pendingSignIns() {
      return pendingSignInStore(tx);
    },
    get recoveryCodes() {
      return recoveryCodeStore(tx);
    },
    get stepUps() {
      return stepUpStore(tx, client);
    },
    get passkeys() {
      return passkeyStore(tx);
    },
    get passkeySignIns() {
      return passkeySignInStore(tx);
    },
    get identities() {
      return identityStore(tx);
    },
    get tenantProviders() {
      return tenantProviderStore(tx);
    },
    get providerJourneys() {
      return providerJourneyStore(tx);
    },
    get policies() {
      return policyStore(tx);
    },
    get freezes() {
      return freezeStore(tx);
    },
    get knownDevices() {
      return knownDeviceStore(tx);
    },
  };
}

function newSalt(): string {
  return randomBytes(16).toString('base64url');
}
