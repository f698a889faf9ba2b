/** What the audit is filtered by, as the address bar holds it; times are local, without a zone. */
export interface AuditFilters {
  readonly from: string;
  readonly to: string;
  readonly actor: string;
  readonly event: string;
  readonly operation: string;
  readonly outcome: string;
}

export const NO_FILTERS: AuditFilters = {
  from: '',
  to: '',
  actor: '',
  event: '',
  operation: '',
  outcome: '',
};

/** Reads filters from a query string; whatever is not one of them is ignored. */
export function parseFilters(search: string): AuditFilters {
  const params = new URLSearchParams(search);
  const read = (name: keyof AuditFilters) => params.get(name)?.trim() ?? '';
  return {
    from: read('from'),
    to: read('to'),
    actor: read('actor'),
    event: read('event'),
    operation: read('operation'),
    outcome: read('outcome'),
  };
}

/** The leaf hash of the one entry a query string asks for, as a receipt's link does; null without. */
export function parseEntryHash(search: string): string | null {
  return new URLSearchParams(search).get('entry');
}

/** Writes filters as a query string, with its question mark; empty when there are none. */
export function formatFilters(filters: AuditFilters): string {
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries(filters)) {
    if (value !== '') params.set(name, value);
  }
  return params.size === 0 ? '' : `?${params}`;
}

/** What the server is asked: the same filters with times in UTC; an unreadable time is left out. */
export function toAuditQuery(filters: AuditFilters): Record<keyof AuditFilters, string> {
  return { ...filters, from: toInstant(filters.from), to: toInstant(filters.to) };
}

function toInstant(local: string): string {
  const time = Date.parse(local);
  return Number.isNaN(time) ? '' : new Date(time).toISOString();
}
