import type { MemberMfa, MfaPolicy, MfaRequirement } from '@countersign/server/contract';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  type EnforcementStatus,
  rulesOf,
  statusOf,
} from '../../packages/server/src/policy/enforcement.ts';
import { remindOfEnforcement } from '../../packages/server/src/storage/enforcement-reminders.ts';
import { previewPolicy } from '../../packages/server/src/storage/policy-preview.ts';
import { platformAdministrators } from '../support/platform.ts';
import { type PortalDatabase, startPortalDatabase } from '../support/portal-database.ts';

let at: PortalDatabase;
let tenantId: string;
let people: readonly Described[];
let now: Date;

/** All that decides what one member lacks, and whether a code reaches them. */
interface Described {
  readonly userId: string;
  readonly role: 'administrator' | 'person';
  readonly joinedDaysAgo: number;
  readonly held: { readonly hasTotp: boolean; readonly hasPasskey: boolean };
  readonly address: 'verified' | 'unverified' | 'another';
  readonly own: MemberMfa | null;
}

const REQUIREMENTS = ['optional', 'required', 'required-phishing-resistant'] as const;
const DAY_MS = 86_400_000;
const MEMBERS = 72;

const dayIn = (days: number): string =>
  new Date(now.getTime() + days * DAY_MS).toISOString().slice(0, 10);

/** The same from run to run: numbers that go round at lengths without a common factor. */
function describeMember(userId: string, index: number): Described {
  const own = [
    null,
    null,
    null,
    { requirement: 'required', from: null, graceDays: 0 },
    { requirement: 'required-phishing-resistant', from: dayIn(5), graceDays: 3 },
    { requirement: 'required-phishing-resistant', from: null, graceDays: 40 },
    { requirement: 'required', from: dayIn(-60), graceDays: 90 },
  ] as const;
  return {
    userId,
    role: index % 4 === 0 ? 'administrator' : 'person',
    joinedDaysAgo: ((index * 7) % 11) * 9,
    held: { hasTotp: index % 3 === 0, hasPasskey: index % 5 === 0 },
    address:
      (['verified', 'verified', 'unverified', 'another'] as const)[((index * 5) % 13) % 4] ??
      'verified',
    own: own[index % own.length] ?? null,
  };
}

beforeAll(async () => {
  at = await startPortalDatabase();
  [{ now } = { now: new Date() }] = await at.rows<{ now: Date }>('select now() as now');
  const roles = Array.from({ length: MEMBERS }, (_, index) =>
    index % 4 === 0 ? ('administrator' as const) : ('person' as const),
  );
  const hired = await at.hire(...roles);
  tenantId = hired[0]?.tenantId ?? '';
  people = hired.map(({ userId }, index) => describeMember(userId, index));
  for (const person of people) await furnish(person);
  // Somebody of another tenant is never counted.
  await at.hire('administrator', 'person');
});
afterAll(() => at.stop());

async function furnish({ userId, joinedDaysAgo, held, address, own }: Described): Promise<void> {
  const run = (text: string, values: unknown[] = []) => at.owner.query(text, [userId, ...values]);
  await run(
    `update member set "createdAt" = $2::timestamptz - make_interval(hours => 24 * $3) where "userId" = $1`,
    [now, joinedDaysAgo],
  );
  if (held.hasTotp) {
    await run(`insert into "twoFactor" (id, secret, "backupCodes", "userId", verified)
      values ($1, $1, '', $1, true)`);
  }
  if (held.hasPasskey) {
    await run(`insert into countersign.authenticator (user_id, type, bound_at, name, user_handle, credential_id,
        public_key, public_jwk, transports, sign_count, backup_eligible, backed_up)
      values ($1, 'passkey', now(), 'Key', '\\x01', $1, '\\x00', '{}', '{}', 0, false, false)`);
  }
  if (address === 'unverified')
    await run(`update "user" set "emailVerified" = false where id = $1`);
  if (address === 'another') {
    await run(`update countersign.verified_address set email = 'old-' || email where user_id = $1`);
  }
  if (own !== null) {
    await run(
      `insert into countersign.member_rule (member_id, requirement, from_day, grace_days, changed_at)
       select id, $2, $3::date, $4, now() from member where "userId" = $1`,
      [own.requirement, own.from, own.graceDays],
    );
  }
}

/** What the pure policy says of everyone: who lacks something, and how. */
function decided(mfa: MfaPolicy, platform: MfaRequirement | null) {
  return people.flatMap((person) => {
    const { role, own, held } = person;
    const isOfPlatform = role === 'administrator';
    const rules = rulesOf({ policy: mfa, role, platform: isOfPlatform ? platform : null, own });
    const joinedAt = new Date(now.getTime() - person.joinedDaysAgo * DAY_MS);
    const status = statusOf({ rules, joinedAt, now }, held);
    return status === null ? [] : [{ ...person, status }];
  });
}

type Decided = Described & { readonly status: EnforcementStatus };

function summary(lacking: readonly Decided[]) {
  const unreached = lacking.filter(({ address }) => address !== 'verified');
  return {
    affected: lacking.length,
    atOnce: lacking.filter(({ status }) => status.isInForce).length,
    lockedOut: unreached
      .filter(({ status }) => status.isInForce)
      .map(({ userId }) => userId)
      .sort(),
    later: unreached
      .filter(({ status }) => !status.isInForce)
      .map(({ userId }) => userId)
      .sort(),
  };
}

function policies(): MfaPolicy[] {
  const days = [null, dayIn(-30), dayIn(4)];
  return REQUIREMENTS.flatMap((everyone, one) =>
    REQUIREMENTS.flatMap((administrators, two) =>
      [0, 14, 50].map((graceDays, three) => ({
        everyone,
        administrators,
        from: days[(one + two + three) % days.length] ?? null,
        graceDays,
      })),
    ),
  );
}

const PLATFORMS = [null, 'required', 'required-phishing-resistant'] as const;

async function setPlatform(platform: MfaRequirement | null): Promise<void> {
  await at.owner.query('update countersign.tenant set platform = $2 where tenant_id = $1', [
    tenantId,
    platform !== null,
  ]);
  const { host, port, user, password, database } = at.owner;
  const ownerUrl = `postgres://${user}:${password}@${host}:${port}/${database}`;
  if (platform !== null) await platformAdministrators({ urls: { ownerUrl } }, platform);
}

test.each(PLATFORMS)(
  'CS-35: a preview counts exactly whom the policy decides upon, with %s of the platform',
  async (platform) => {
    await setPlatform(platform);
    for (const mfa of policies()) {
      const { affected, atOnce, lockedOut, lockedOutLater } = await previewPolicy(at.database, {
        tenantId,
        mfa,
      });
      const ids = (them: typeof affected) => them.people.map(({ id }) => id).sort();
      const expected = summary(decided(mfa, platform));
      const seen = {
        affected: affected.total,
        atOnce,
        lockedOut: ids(lockedOut),
        later: ids(lockedOutLater),
      };
      expect({ mfa, ...seen, counts: [lockedOut.total, lockedOutLater.total] }).toEqual({
        mfa,
        ...expected,
        counts: [expected.lockedOut.length, expected.later.length],
        lockedOut: expected.lockedOut.length > 20 ? seen.lockedOut : expected.lockedOut,
        later: expected.later.length > 20 ? seen.later : expected.later,
      });
    }
  },
);

test.each(PLATFORMS)(
  'who is told by mail of what is to come is who the policy says lacks it, with %s of the platform',
  async (platform) => {
    await setPlatform(platform);
    for (const mfa of policies()) {
      await at.owner.query('truncate countersign.enforcement_reminder');
      await at.owner.query(
        `insert into countersign.tenant_policy (tenant_id, version, policy) values ($1, 1, $2)
         on conflict (tenant_id) do update set policy = excluded.policy`,
        [tenantId, JSON.stringify({ mfa })],
      );
      await remindOfEnforcement(at.database);
      const told = await at.rows<{ user_id: string; requirement: string; due_at: Date }>(
        'select user_id, requirement, due_at from countersign.enforcement_reminder order by user_id',
      );
      const expected = decided(mfa, platform)
        .filter(({ status }) => !status.isInForce)
        .map(({ userId, status: { requirement, at: due } }) => [
          userId,
          requirement,
          due.getTime(),
        ]);
      expect(told.map((it) => [it.user_id, it.requirement, it.due_at.getTime()])).toEqual(
        expected.sort(([a], [b]) => (String(a) < String(b) ? -1 : 1)),
      );
    }
  },
);
