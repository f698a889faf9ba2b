import type { Pool } from 'pg';
import type {
  AuthenticationMethod,
  Confirmation,
  PlatformRequirement,
  StepUpMethod,
} from '../contract/index.ts';
import { MEMBER_RULE } from './member-rule.ts';
import { readTogether } from './read-together.ts';
import { INACTIVE_AT, TOO_OLD_AT } from './session-end.ts';

/** All that one request's identity rests on, read in one indexed query. */
export interface IdentityRow {
  readonly sessionId: string;
  readonly token: string;
  readonly userId: string;
  readonly name: string;
  readonly email: string;
  readonly sid: string | null;
  readonly tenantId: string | null;
  readonly tenantName: string | null;
  readonly role: string | null;
  readonly platform: boolean;
  readonly aal: number | null;
  readonly methods: AuthenticationMethod[] | null;
  readonly authenticatedAt: Date | null;
  readonly recentAt: Date | null;
  readonly recentConfirmation: Confirmation | null;
  readonly recentMethod: StepUpMethod | null;
  /** Who is signed in as this person, where Better Auth's admin plugin keeps that; else null. */
  readonly impersonatedBy: string | null;
  readonly hasTotp: boolean;
  readonly hasPasskey: boolean;
  readonly hasIdentity: boolean;
  /** When the person joined the tenant; null without one. */
  readonly joinedAt: Date | null;
  /** The tenant's policy on MFA as stored; null when nobody decided. */
  readonly mfa: unknown;
  /** What is asked of this member alone, as stored; null for nothing more. */
  readonly own: unknown;
  /** What is asked of an administrator of the platform, whatever tenant they act in; else null. */
  readonly platformRequirement: PlatformRequirement | null;
  readonly now: Date;
  /** When the code from the person's address was typed in this session; null when it was not. */
  readonly addressProvedAt: Date | null;
  /** When the session ends by itself, if unused and in any case; null without an assurance record. */
  readonly inactiveAt: Date | null;
  readonly tooOldAt: Date | null;
  /** Whether the time of last use is over a minute old and should be written again. */
  readonly isUnseen: boolean;
}

/**
 * One text for each of a few numbers of tokens: for an array of unknown length PostgreSQL would plan
 * anew at each execution. The limit keeps each token's lookup a walk of indexes, however many there are.
 */
function identityQuery(size: number) {
  const places = Array.from({ length: size }, (_, index) => `$${index + 1}::text`).join(', ');
  return { size, name: `countersign-identity-${size}`, text: textFor(places) };
}

const textFor = (places: string): string => `
    select found.* from unnest(array[${places}]) as asked (token) cross join lateral (
      select s.id as "sessionId", s.token, u.id as "userId", u.name, u.email,
             a.sid, a.tenant_id as "tenantId", o.name as "tenantName", m.role,
             coalesce(t.platform, false) as platform, a.aal, a.methods,
             a.authenticated_at as "authenticatedAt", a.recent_at as "recentAt",
             a.recent_confirmation as "recentConfirmation", a.recent_method as "recentMethod",
             s."impersonatedBy",
             exists (select 1 from "twoFactor" f where f."userId" = u.id and f.verified) as "hasTotp",
             exists (select 1 from countersign.authenticator p
                     where p.user_id = u.id and p.type = 'passkey') as "hasPasskey",
             exists (select 1 from countersign.identity i
                     where i.user_id = u.id and i.tenant_id = a.tenant_id) as "hasIdentity",
             m."createdAt" as "joinedAt", q.policy -> 'mfa' as mfa, now() as now,
             (select ${MEMBER_RULE} from countersign.member_rule r where r.member_id = m.id) as own,
             case when u.id = any (array(select p.user_id from countersign.platform_administrator p))
               then coalesce((select requirement from countersign.platform_rule),
                             'required-phishing-resistant')
             end as "platformRequirement",
             a.address_proved_at as "addressProvedAt",
             ${INACTIVE_AT} as "inactiveAt", ${TOO_OLD_AT} as "tooOldAt",
             coalesce(a.last_seen_at < now() - interval '1 minute', false) as "isUnseen"
      -- The inner name is Better Auth's column where its admin plugin made one, else the outer null.
      from (select null::text as "impersonatedBy") nobody
      cross join lateral (
        select id, token, "userId", "impersonatedBy" from session
        where token = asked.token and "expiresAt" > now()
      ) s
      join "user" u on u.id = s."userId"
      left join countersign.authentication_session a
        on a.session_id = s.id and a.user_id = s."userId" and a.ended_at is null
      left join member m on m."organizationId" = a.tenant_id and m."userId" = u.id
      left join organization o on o.id = m."organizationId"
      left join countersign.tenant t on t.tenant_id = m."organizationId"
      left join countersign.tenant_policy q on q.tenant_id = a.tenant_id
      where (t.expires_at is null or t.expires_at > now())
      limit 1
    ) found`;

const QUERIES = [1, 2, 4, 8, 16, 64].map(identityQuery);

/**
 * Reads session, membership and assurance by a named prepared statement, never from a cache; those of
 * requests that arrive together in one.
 */
export function identityReader(pool: Pool): (token: string) => Promise<IdentityRow | null> {
  return readTogether(async (tokens) => {
    const query = QUERIES.find(({ size }) => size >= tokens.length);
    if (query === undefined) throw new TypeError('more tokens than one statement asks for');
    const values = Array.from({ length: query.size }, (_, index) => tokens[index] ?? null);
    const { name, text } = query;
    const { rows } = await pool.query<IdentityRow>({ name, text, values });
    return new Map(rows.map((row) => [row.token, row]));
  });
}

const PENDING_QUERY = {
  name: 'countersign-pending',
  text: `
    select u.id as "userId", u.name, u.email, p.methods,
           exists (select 1 from "twoFactor" f where f."userId" = u.id and f.verified) as "hasTotp",
           exists (select 1 from countersign.authenticator a
                   where a.user_id = u.id and a.type = 'passkey') as "hasPasskey",
           coalesce(p.tenant_id, (select m."organizationId" from member m where m."userId" = u.id
            order by m."createdAt" limit 1)) as "tenantId"
    from countersign.pending_sign_in p join "user" u on u.id = p.user_id
    where p.token_hash = $1 and p.expires_at > now() and p.completed_at is null`,
} as const;

interface PendingRow {
  readonly userId: string;
  readonly name: string;
  readonly email: string;
  /** What the sign-in began with. */
  readonly methods: AuthenticationMethod[];
  readonly tenantId: string | null;
  readonly hasTotp: boolean;
  readonly hasPasskey: boolean;
}

export async function findPending(pool: Pool, tokenHash: Uint8Array): Promise<PendingRow | null> {
  const result = await pool.query({ ...PENDING_QUERY, values: [tokenHash] });
  return result.rows[0] ?? null;
}
