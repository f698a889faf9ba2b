import { randomBytes, randomUUID } from 'node:crypto';
import { Kysely, PostgresDialect, sql, type Transaction } from 'kysely';
import type { Pool } from 'pg';
import type { Notice, Transactions, Unit } from '../ceremonies/ports.ts';
import { events } from '../events/catalogue.ts';
import { buildEntry, type Entry, type EventInput } from '../events/entry.ts';
import { authenticatorStore } from './authenticator-store.ts';
import { budgetStore } from './budget-store.ts';
import { pendingSignInStore } from './pending-sign-in-store.ts';
import { peopleStore } from './people-store.ts';
import { recoveryCodeStore } from './recovery-code-store.ts';
import { sessionStore } from './session-store.ts';
import { stepUpStore } from './step-up-store.ts';
import type { CountersignTables } from './tables.ts';

export type Tx = Transaction<CountersignTables>;

/** Queues a mail inside the given transaction. */
export type MailQueue = (tx: Tx, notice: Notice) => Promise<void>;

export interface Database extends Transactions<Tx> {
  readonly kysely: Kysely<CountersignTables>;
  readonly pool: Pool;
}

/** Binds the ports to one PostgreSQL pool, signed in as the application role. */
export function openDatabase(pool: Pool, queueMail: MailQueue): Database {
  const kysely = new Kysely<CountersignTables>({ dialect: new PostgresDialect({ pool }) });
  return {
    kysely,
    pool,
    transaction: (work) =>
      kysely.transaction().execute(async (tx) => work(await openUnit(tx, queueMail))),
  };
}

async function openUnit(tx: Tx, queueMail: MailQueue): Promise<Unit & { readonly tx: Tx }> {
  const clock = await sql<{ now: Date }>`select now()`.execute(tx);
  const now = clock.rows[0]?.now;
  if (now === undefined) throw new TypeError('the database gave no time');
  return {
    tx,
    now,
    record: (input) => appendEntry(tx, input, now),
    newSalt,
    notify: (notice) => queueMail(tx, notice),
    people: peopleStore(tx),
    authenticators: authenticatorStore(tx),
    budgets: budgetStore(tx),
    sessions: sessionStore(tx),
    pendingSignIns: pendingSignInStore(tx),
    recoveryCodes: recoveryCodeStore(tx),
    stepUps: stepUpStore(tx),
  };
}

function newSalt(): string {
  return randomBytes(16).toString('base64url');
}

async function appendEntry(tx: Tx, input: EventInput, at: Date): Promise<Entry> {
  const entry = buildEntry(input, {
    id: randomUUID(),
    at,
    newSalt,
  });
  await tx
    .insertInto('countersign.audit_event')
    .values({
      id: entry.id,
      at,
      tenant_id: input.tenantId ?? null,
      event: input.event,
      version: events[input.event].version,
      outcome: input.outcome,
      actor_id: input.actorId ?? null,
      on_behalf_of: input.onBehalfOf ?? null,
      operation: input.operation ?? null,
      methods: [...(input.methods ?? [])],
      aal: input.aal ?? null,
      request_id: input.requestId ?? null,
      reason: input.reason ?? null,
      count: input.count ?? 1,
      entry: Buffer.from(entry.bytes),
      leaf_hash: Buffer.from(entry.leafHash),
    })
    .execute();
  if (entry.disclosures.length > 0) {
    await tx
      .insertInto('countersign.audit_personal')
      .values(entry.disclosures.map((it) => ({ event_id: entry.id, ...it })))
      .execute();
  }
  return entry;
}
