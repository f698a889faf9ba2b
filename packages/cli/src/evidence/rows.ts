import type { ClientBase } from 'pg';
import type { Vault } from './vault.ts';

/** What the database holds about the run's person and tenant at one moment; no secret in it. */
export interface Rows {
  readonly user: { readonly twoFactorEnabled: boolean | null } | null;
  /** Better Auth's rows; the stored secret is encrypted, and committed to all the same. */
  readonly twoFactor: readonly {
    readonly secret: string;
    readonly secretLength: number;
    readonly backupCodes: string;
    readonly backupCodesLength: number;
    readonly verified: boolean | null;
  }[];
  readonly authenticators: readonly {
    readonly boundAt: string | null;
    readonly lastStep: number;
    readonly failures: number;
  }[];
  readonly authenticationSessions: readonly {
    readonly sid: string;
    readonly aal: number;
    readonly methods: readonly string[];
    readonly endedAt: string | null;
    readonly endReason: string | null;
  }[];
  readonly sessions: readonly {
    readonly token: string;
    readonly sid: string | null;
    readonly live: boolean;
  }[];
  readonly pendingSignIns: { readonly open: number; readonly completed: number };
  readonly recoveryCodes: {
    readonly sets: number;
    readonly unused: number;
    readonly used: number;
  };
  readonly stepUps: readonly {
    readonly id: string;
    readonly operation: string;
    readonly parametersHash: string;
    readonly displayHash: string;
    readonly verifiedAt: string | null;
    readonly grantHash: string | null;
    readonly consumedAt: string | null;
    readonly hasResponse: boolean;
  }[];
  /** External ids, in order; the names are in the pictures. */
  readonly records: readonly string[];
  /** Null once the account is deleted; the password's hash is committed to. */
  readonly account: { readonly email: string; readonly passwordHash: string | null } | null;
  readonly boundAuthenticators: readonly {
    readonly id: string;
    readonly type: string;
    readonly name: string | null;
  }[];
  /** When the present recovery codes were made. */
  readonly recoverySet: string | null;
  /** Names of passkeys that were begun and not finished. */
  readonly enrolments: readonly string[];
  /** The address a code was sent to, and the end of that code's life. */
  readonly emailChange: { readonly newEmail: string; readonly expiresAt: string } | null;
  /** Accounts at an identity provider. */
  readonly identities: readonly { readonly issuer: string; readonly lastUsedAt: string | null }[];
  /** Since when "this wasn't me" keeps everybody out; null while it does not. */
  readonly frozenSince: string | null;
  readonly members: readonly { readonly userId: string; readonly role: string }[];
  readonly policy: { readonly version: number; readonly policy: unknown } | null;
  readonly exports: readonly { readonly id: string; readonly format: string }[];
  readonly apiKeys: readonly {
    readonly id: string;
    readonly name: string;
    readonly scopes: readonly string[];
    readonly revokedAt: string | null;
  }[];
  readonly credits: {
    readonly balance: number;
    readonly purchases: number;
    readonly invoices: readonly string[];
  };
  /** Entries of the audit table about acts done in the tenant, counted by operation. */
  readonly committedActs: Readonly<Record<string, number>>;
}

/** Reads them in one statement, so that they belong to one moment. */
export async function readRows(
  client: ClientBase,
  who: { readonly userId: string; readonly tenantId: string },
  vault: Vault,
): Promise<Rows> {
  const values = [who.userId, who.tenantId];
  // Named, so that it is planned once: a run reads the rows hundreds of times.
  const result = await client.query<{ rows: Rows }>({ name: 'evidence-rows', text: QUERY, values });
  const rows = result.rows[0]?.rows;
  if (rows === undefined) throw new TypeError('the statement answers with one row');
  const commitOr = (value: string | null) => (value === null ? null : vault.commit(value));
  return {
    ...rows,
    twoFactor: rows.twoFactor.map((row) => ({
      ...row,
      secret: vault.commit(row.secret),
      backupCodes: vault.commit(row.backupCodes),
    })),
    sessions: rows.sessions.map((row) => ({ ...row, token: vault.commit(row.token) })),
    account: rows.account && {
      ...rows.account,
      passwordHash: commitOr(rows.account.passwordHash),
    },
    stepUps: rows.stepUps.map((row) => ({ ...row, grantHash: commitOr(row.grantHash) })),
  };
}

/** What an operation can change of a person. */
const OWN = `
  'account', (select json_build_object('email', u.email, 'passwordHash', (
       select a.password from account a
       where a."userId" = u.id and a."providerId" = 'credential'))
    from "user" u where u.id = $1),
  'boundAuthenticators', ${list(
    `'id', a.id, 'type', a.type, 'name', a.name`,
    'countersign.authenticator a where a.user_id = $1 and a.bound_at is not null',
    'a.bound_at',
  )},
  'recoverySet', (select s.issued_at from countersign.recovery_code_set s where s.user_id = $1),
  'enrolments', coalesce((select json_agg(e.name order by e.expires_at)
    from countersign.passkey_enrolment e where e.user_id = $1), '[]'::json),
  'emailChange', (select json_build_object('newEmail', c.new_email, 'expiresAt', c.expires_at)
    from countersign.email_change c where c.user_id = $1),
  'identities', ${list(
    `'issuer', i.issuer, 'lastUsedAt', i.last_used_at`,
    'countersign.identity i where i.user_id = $1',
    'i.created_at',
  )},
  'frozenSince', (select f.frozen_at from countersign.account_freeze f where f.user_id = $1)`;

/** What an operation can change of a tenant. */
const TENANT = `
  'members', ${list(
    `'userId', m."userId", 'role', m.role`,
    'member m where m."organizationId" = $2',
    'm."userId"',
  )},
  'policy', (select json_build_object('version', p.version, 'policy', p.policy)
    from countersign.tenant_policy p where p.tenant_id = $2),
  'exports', ${list(
    `'id', x.id, 'format', x.format`,
    'portal.export x where x.tenant_id = $2',
    'x.created_at',
  )},
  'apiKeys', ${list(
    `'id', k.id, 'name', k.name, 'scopes', k.scopes, 'revokedAt', k.revoked_at`,
    'portal.api_key k where k.tenant_id = $2',
    'k.created_at',
  )},
  'credits', json_build_object(
    'balance', coalesce((select l.balance from portal.ledger_account l
       where l.tenant_id = $2 and l.unit = 'credit' and l.kind = 'available'), 0),
    'purchases', (select count(*) from portal.credit_purchase b where b.tenant_id = $2),
    'invoices', coalesce((select json_agg(i.number order by i.sequence)
       from portal.invoice i where i.tenant_id = $2), '[]'::json)),
  'committedActs', coalesce((select json_object_agg(d.operation, d.acts) from (
       select e.operation, count(*)::int as acts from countersign.audit_event e
       where e.tenant_id = $2 and e.event = 'operation.committed' group by e.operation) d),
     '{}'::json)`;

const QUERY = `
select json_build_object(
  'user', (select json_build_object('twoFactorEnabled', u."twoFactorEnabled")
    from "user" u where u.id = $1),
  'twoFactor', ${list(
    `'secret', f.secret, 'secretLength', length(f.secret),
     'backupCodes', coalesce(f."backupCodes", ''),
     'backupCodesLength', length(coalesce(f."backupCodes", '')), 'verified', f.verified`,
    `"twoFactor" f where f."userId" = $1`,
    'f.id',
  )},
  'authenticators', ${list(
    `'boundAt', a.bound_at, 'lastStep', a.last_step, 'failures', coalesce((
       select sum(b.failures) from countersign.attempt_budget b
       where b.subject = 'totp:' || a.id), 0)`,
    'countersign.authenticator a where a.user_id = $1',
    'a.id',
  )},
  'authenticationSessions', ${list(
    `'sid', s.sid, 'aal', s.aal, 'methods', s.methods, 'endedAt', s.ended_at,
     'endReason', s.end_reason`,
    'countersign.authentication_session s where s.user_id = $1',
    's.authenticated_at',
  )},
  'sessions', ${list(
    `'token', s.token, 'live', s."expiresAt" > now(), 'sid', (
       select a.sid from countersign.authentication_session a
       where a.session_id = s.id and a.ended_at is null)`,
    'session s where s."userId" = $1',
    's."createdAt"',
  )},
  'pendingSignIns', (select json_build_object(
      'open', count(*) filter (where p.completed_at is null and p.expires_at > now()),
      'completed', count(*) filter (where p.completed_at is not null))
    from countersign.pending_sign_in p where p.user_id = $1),
  'recoveryCodes', (select json_build_object(
      'sets', (select count(*) from countersign.recovery_code_set where user_id = $1),
      'unused', count(*) filter (where r.used_at is null),
      'used', count(*) filter (where r.used_at is not null))
    from countersign.recovery_code r where r.user_id = $1),
  'stepUps', ${list(
    `'id', u.id, 'operation', u.operation, 'parametersHash', u.parameters_hash,
     'displayHash', u.display_hash, 'verifiedAt', u.verified_at,
     'grantHash', encode(u.grant_hash, 'hex'), 'consumedAt', u.consumed_at,
     'hasResponse', u.sealed_answer is not null`,
    'countersign.step_up u where u.user_id = $1 and u.tenant_id = $2',
    'u.created_at',
  )},
  'records', coalesce((select json_agg(r.external_id order by r.external_id)
    from portal.record r where r.tenant_id = $2), '[]'::json),
  ${OWN},
  ${TENANT}
) as rows`;

function list(fields: string, from: string, order: string): string {
  return `coalesce((select json_agg(json_build_object(${fields}) order by ${order}) from ${from}), '[]'::json)`;
}
