import type { Adapter, AdapterFactory, AdapterPayload } from 'oidc-provider';

/**
 * Keeps what one oidc-provider stores, in memory: it ends with the provider, and whoever was at its form
 * begins again. What has run out goes at the next write; the provider checks expiry itself as well.
 */
export function providerStorage(): AdapterFactory {
  const stores = new Map<string, Map<string, AdapterPayload>>();
  return (model) => {
    const rows = stores.get(model) ?? new Map<string, AdapterPayload>();
    stores.set(model, rows);
    return adapterOver(rows);
  };
}

function adapterOver(rows: Map<string, AdapterPayload>): Adapter {
  const findWhere = async (matches: (row: AdapterPayload) => boolean) =>
    [...rows.values()].find(matches);
  return {
    upsert: async (id, payload) => {
      const now = Date.now() / 1000;
      for (const [key, { exp = Number.POSITIVE_INFINITY }] of rows) if (exp < now) rows.delete(key);
      rows.set(id, payload);
    },
    find: async (id) => rows.get(id),
    findByUid: (uid) => findWhere((row) => row.uid === uid),
    findByUserCode: (userCode) => findWhere((row) => row.userCode === userCode),
    consume: async (id) => {
      const row = rows.get(id);
      if (row !== undefined) row.consumed = Math.floor(Date.now() / 1000);
    },
    destroy: async (id) => {
      rows.delete(id);
    },
    revokeByGrantId: async (grantId) => {
      for (const [id, row] of rows) {
        if (row.grantId === grantId) rows.delete(id);
      }
    },
  };
}
