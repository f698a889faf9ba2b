import { sql, type Transaction } from 'kysely';
import type {
  ProviderJourneyStore,
  TenantProvider,
  TenantProviderStore,
} from '../ceremonies/provider-ports.ts';
import type { CountersignTables } from './tables.ts';

const PROVIDERS = 'countersign.tenant_provider';
const JOURNEYS = 'countersign.provider_journey';

/** Seconds a sign-in at the provider counts as multi-factor where nobody decided otherwise. */
export const DEFAULT_MAX_AGE_SECONDS = 3600;

const NOTHING_RECORDED: TenantProvider = {
  version: 0,
  signInName: null,
  maxAgeSeconds: DEFAULT_MAX_AGE_SECONDS,
  own: null,
};

export function tenantProviderStore(tx: Transaction<CountersignTables>): TenantProviderStore {
  return {
    find: async (tenantId) => {
      const row = await tx
        .selectFrom(PROVIDERS)
        .selectAll()
        .where('tenant_id', '=', tenantId)
        .executeTakeFirst();
      if (row === undefined) return NOTHING_RECORDED;
      const { issuer, client_id: clientId, sealed_secret: sealedSecret } = row;
      const isOwn = issuer !== null && clientId !== null && sealedSecret !== null;
      return {
        version: row.version,
        signInName: row.sign_in_name,
        maxAgeSeconds: row.max_age_seconds,
        own: isOwn ? { issuer, clientId, sealedSecret } : null,
      };
    },
    isCurrent: async (tenantId, version) => {
      const row = await tx
        .selectFrom(PROVIDERS)
        .select('version')
        .where('tenant_id', '=', tenantId)
        .forShare()
        .executeTakeFirst();
      return (row?.version ?? 0) === version;
    },
    findByName: async (signInName) => {
      const row = await tx
        .selectFrom(`${PROVIDERS} as p`)
        .innerJoin('countersign.tenant as t', 't.tenant_id', 'p.tenant_id')
        .select('p.tenant_id')
        .where('p.sign_in_name', '=', signInName)
        .where(sql<boolean>`(t.expires_at is null or t.expires_at > now())`)
        .executeTakeFirst();
      return row?.tenant_id ?? null;
    },
    change: async (tenantId, expectedVersion, { signInName, maxAgeSeconds, own }) => {
      const values = {
        version: expectedVersion + 1,
        sign_in_name: signInName,
        max_age_seconds: maxAgeSeconds,
        issuer: own?.issuer ?? null,
        client_id: own?.clientId ?? null,
        sealed_secret: own?.sealedSecret ?? null,
        changed_at: sql<Date>`now()`,
      };
      try {
        const done =
          expectedVersion === 0
            ? await tx
                .insertInto(PROVIDERS)
                .values({ tenant_id: tenantId, ...values })
                .onConflict((conflict) => conflict.column('tenant_id').doNothing())
                .returning('tenant_id')
                .executeTakeFirst()
            : await tx
                .updateTable(PROVIDERS)
                .set(values)
                .where('tenant_id', '=', tenantId)
                .where('version', '=', expectedVersion)
                .returning('tenant_id')
                .executeTakeFirst();
        return done === undefined ? 'outdated' : 'changed';
      } catch (error) {
        if ((error as { code?: unknown }).code === '23505') return 'taken';
        throw error;
      }
    },
  };
}

export function providerJourneyStore(tx: Transaction<CountersignTables>): ProviderJourneyStore {
  return {
    open: async ({ tenantId, stateHash, browserHash, providerVersion, now, expiresAt }) => {
      await tx
        .insertInto(JOURNEYS)
        .values({
          purpose: 'sign-in',
          tenant_id: tenantId,
          state_hash: stateHash,
          browser_hash: browserHash,
          provider_version: providerVersion,
          asked_at: now,
          expires_at: expiresAt,
        })
        .execute();
    },
    allow: async ({ sid, userId, tenantId, expiresAt }) => {
      await tx.deleteFrom(JOURNEYS).where('sid', '=', sid).execute();
      await tx
        .insertInto(JOURNEYS)
        .values({
          purpose: 'link',
          tenant_id: tenantId,
          sid,
          user_id: userId,
          expires_at: expiresAt,
        })
        .execute();
    },
    depart: async ({ sid, stateHash, browserHash, providerVersion, now }) => {
      const row = await tx
        .updateTable(JOURNEYS)
        .set({
          state_hash: stateHash,
          browser_hash: browserHash,
          provider_version: providerVersion,
          asked_at: now,
        })
        .where('purpose', '=', 'link')
        .where('sid', '=', sid)
        .where('state_hash', 'is', null)
        .where('expires_at', '>', now)
        .returning('id')
        .executeTakeFirst();
      return row !== undefined;
    },
    take: async ({ stateHash, browserHash, sid, now }) => {
      const row = await tx
        .deleteFrom(JOURNEYS)
        .where('purpose', '=', sid === null ? 'sign-in' : 'link')
        .where('state_hash', '=', stateHash)
        .where('browser_hash', '=', browserHash)
        .where('expires_at', '>', now)
        .where(sql<boolean>`sid is not distinct from ${sid}::uuid`)
        .returning(['tenant_id', 'user_id', 'provider_version', 'asked_at'])
        .executeTakeFirst();
      if (row === undefined || row.provider_version === null || row.asked_at === null) return null;
      return {
        tenantId: row.tenant_id,
        userId: row.user_id,
        providerVersion: row.provider_version,
        askedAt: row.asked_at,
      };
    },
  };
}
