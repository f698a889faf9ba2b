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
  const { own, client, now } = open;
  return {
    get tx() {
      return open.tx;
    },
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
    notify: (notice) => queueMail(open.tx, withLink(notice, { now, links })),
    // Made where they are asked for: a ceremony uses few of them.
    get people() {
      return peopleStore(own);
    },
    get authenticators() {
      return authenticatorStore(own, client);
    },
    get budgets() {
      return budgetStore(own);
    },
    get windows() {
      return windowStore(client);
    },
    get sessions() {
      return sessionStore(own);
    },
    get addressProofs() {
      return addressProofStore(own);
    },
    get failureNotices() {
      return failureNoticeStore(own);
    },
    get passwordResets() {
      return passwordResetStore(own);
    },
    get invitations() {
      return invitationStore(own);
    },
    get pendingSignIns() {
      return pendingSignInStore(own);
    },
    get recoveryCodes() {
      return recoveryCodeStore(own);
    },
    get stepUps() {
      return stepUpStore(own, client);
    },
    get passkeys() {
      return passkeyStore(own);
    },
    get passkeySignIns() {
      return passkeySignInStore(own);
    },
    get identities() {
      return identityStore(own);
    },
    get tenantProviders() {
      return tenantProviderStore(own);
    },
    get providerJourneys() {
      return providerJourneyStore(own);
    },
    get policies() {
      return policyStore(own);
    },
    get freezes() {
      return freezeStore(own);
    },
    get knownDevices() {
      return knownDeviceStore(own);
    },
  };
}

function newSalt(): string {
  return randomBytes(16).toString('base64url');
}
