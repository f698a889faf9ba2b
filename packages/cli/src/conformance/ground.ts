import { randomBytes } from 'node:crypto';
import { sourceKey } from '@countersign/server';
import {
  type CreatedTenant,
  createTenant,
  destroyTenant,
  type Role,
} from '@countersign/server/better-auth';
import { defaultTenantPolicy, type TenantPolicy } from '@countersign/server/contract';
import type { Client } from 'pg';
import { CannotRunError } from '../cannot-run-error.ts';
import type { LyingProvider } from '../forgery/lying-provider.ts';
import { type CodeGenerator, findCodeGenerator, STEP_SECONDS } from '../totp/totp-code.ts';
import { findLetters, type Letters } from './letters.ts';
import type { Person } from './person.ts';
import { createTimeMoves, type TimeMoves } from './time-moves.ts';
import { Visitor } from './visitor.ts';

/** What every check may use. Attacks go over HTTP; the owner only prepares people and moves time. */
export interface Ground {
  readonly baseUrl: string;
  /** Of the owner. On a portal that is not ours it makes people and moves time, and nothing else. */
  readonly client: Client;
  /** Whether the portal was started for this run, so that it may be damaged. */
  readonly isOwn: boolean;
  readonly time: TimeMoves;
  readonly codes: CodeGenerator;
  /** By the clock of the database, which is the one that judges codes. */
  readonly nowMs: () => number;
  /** Null where the portal's mail cannot be read from here. */
  readonly letters: Letters | null;
  /** Null where no provider of ours could be put under the portal. */
  readonly provider: LyingProvider | null;
  readonly signal: AbortSignal;
  /** Somebody at an address of their own. */
  visitor(): Visitor;
  /** Makes a throwaway tenant with a person for each role; nobody is signed in. */
  hire(options: Hiring): Promise<readonly [Person, ...Person[]]>;
  /** Lets the minute pass in which this machine's addresses made their attempts. */
  letSourcesRest(): Promise<void>;
}

/** The ground of one run, as several that are worked on side by side. */
export interface Grounds {
  readonly lanes: readonly [Ground, ...Ground[]];
  /** Removes every tenant that was made. */
  close(): Promise<void>;
}

export interface Hiring {
  readonly roles: readonly [Role, ...Role[]];
  readonly policy?: Partial<TenantPolicy>;
}

export interface GroundOptions {
  readonly baseUrl: string;
  /** Of the owner, one for each lane. */
  readonly clients: readonly [Client, ...Client[]];
  readonly isOwn: boolean;
  readonly dataDir: string | null;
  readonly provider: LyingProvider | null;
  readonly signal: AbortSignal;
}

const LIFETIME_MS = 3_600_000;

/**
 * @throws {CannotRunError} `target_elsewhere` when the portal does not know the people that are made
 * in the database.
 */
export async function openGrounds(options: GroundOptions): Promise<Grounds> {
  const { baseUrl, clients, isOwn, dataDir, provider, signal } = options;
  const [client, ...others] = clients;
  const tenantIds: string[] = [];
  const sources = new Set<string>();
  let visitors = 0;
  const visitor = (): Visitor => {
    visitors += 1;
    // Addresses of RFC 5737: everybody sits somewhere else.
    return new Visitor(baseUrl, `203.0.113.${(visitors % 254) + 1}`);
  };
  const shared = {
    ...{ baseUrl, isOwn, provider, signal, visitor },
    codes: await findCodeGenerator(),
    nowMs: await databaseClock(client),
    letters: findLetters(dataDir),
  };
  const laneOn = (own: Client): Ground => ({
    ...shared,
    client: own,
    time: createTimeMoves(own),
    hire: async (hiring) => {
      const { tenantId, users } = await makeTenant(own, hiring);
      tenantIds.push(tenantId);
      return peopleOf(tenantId, users, visitor);
    },
    letSourcesRest: async () => {
      if (sources.size === 0) return;
      await own.query(
        `delete from countersign.source_window where kind = 'attempt' and source = any($1)`,
        [[...sources]],
      );
    },
  });
  const first = laneOn(client);
  const address = await seenAddress(first);
  // A portal that does not believe what this machine says of addresses counts all as coming from one.
  if (!address.startsWith('203.0.113.')) sources.add(sourceKey(address));
  return {
    lanes: [first, ...others.map(laneOn)],
    close: async () => {
      for (const tenantId of tenantIds) await destroyTenant(client, tenantId);
    },
  };
}

function peopleOf(
  tenantId: string,
  users: CreatedTenant['users'],
  visitor: () => Visitor,
): readonly [Person, ...Person[]] {
  const people = users.map(({ id: userId, email, password, role }): Person => {
    const person = { userId, tenantId, email, password, role, visitor: visitor() };
    return { ...person, key: '', recoveryCodes: [], device: null };
  });
  const [first, ...others] = people;
  if (first === undefined) throw new TypeError('a tenant has at least one person');
  return [first, ...others];
}

/** Signs one person in, and asks the database where the portal saw them. */
async function seenAddress(ground: Ground): Promise<string> {
  const [{ email, password, userId, visitor }] = await ground.hire({ roles: ['person'] });
  const { status } = await visitor.post('/api/auth/sign-in/email', { email, password });
  const { rows } = await ground.client.query<{ address: string }>(
    'select address from countersign.authentication_session where user_id = $1',
    [userId],
  );
  const [row] = rows;
  if (status === 200 && row !== undefined) return row.address;
  throw new CannotRunError(
    'target_elsewhere',
    status === 429
      ? 'the portal refuses this machine for its many attempts: wait a minute'
      : `${ground.baseUrl} does not know the people of the database found here: set COUNTERSIGN_DATA_DIR to its data folder`,
  );
}

function makeTenant(client: Client, { roles, policy }: Hiring): Promise<CreatedTenant> {
  const mark = randomBytes(4).toString('hex');
  return createTenant(client, {
    name: `Throwaway ${mark}`,
    expiresAt: new Date(Date.now() + LIFETIME_MS),
    ...(policy === undefined ? {} : { policy: { ...defaultTenantPolicy, ...policy } }),
    people: roles.map((role, index) => ({
      name: `Conformance ${index + 1}`,
      email: `${role}-${index + 1}@${mark}.example`,
      role,
    })),
  });
}

async function databaseClock(client: Client): Promise<() => number> {
  const before = Date.now();
  const { rows } = await client.query<{ now: Date }>('select clock_timestamp() as now');
  const middle = (before + Date.now()) / 2;
  const offsetMs = (rows[0]?.now.getTime() ?? middle) - middle;
  return () => Date.now() + offsetMs;
}

/** The time step of codes that the database is in. */
export function presentStep({ nowMs }: Pick<Ground, 'nowMs'>): number {
  return Math.floor(nowMs() / 1000 / STEP_SECONDS);
}
