import { type Actor, ActRefused, operation, type Randomness, type Tx } from '@countersign/server';
import { sql } from 'kysely';
import { z } from 'zod';
import type { PortalTables } from '../records/tables.ts';
import { generateKey } from './key-text.ts';
import type { ApiKeyScope } from './tables.ts';

const MAX_LIVING_KEYS = 50;
const MAX_DAYS = 366;

const schema = z.strictObject({
  name: z
    .string()
    .trim()
    .min(1)
    .max(80)
    .refine((text) => text.isWellFormed() && !/\p{Cc}/u.test(text), 'has unusable characters'),
  scopes: z
    .array(z.enum(['records:read', 'records:write']))
    .min(1)
    .refine((scopes) => new Set(scopes).size === scopes.length, 'a scope is named twice'),
  expiresAt: z.iso.datetime({ offset: true }).transform((text) => new Date(text).toISOString()),
});

type CreateKeyParameters = z.infer<typeof schema>;

const SCOPE_NAMES = {
  'records:read': 'Read records',
  'records:write': 'Add records',
} as const satisfies Record<ApiKeyScope, string>;

/** A key for programs: administrators, each time with a fresh confirmation. At most 50 live at once. */
export const apiKeyCreate = operation<CreateKeyParameters>(schema)
  .authorize(async (actor, _params, _tx: Tx) => actor.role === 'administrator')
  .resolve(async ({ name, scopes, expiresAt }, tx, { tenantId, tenantName }) => {
    if (!(await isInReach(tx, expiresAt))) throw new ActRefused('parameters_invalid');
    if ((await countLivingKeys(tx, tenantId)) >= MAX_LIVING_KEYS) return 'conflict';
    return {
      title: `Create the API key “${name}”`,
      action: 'Create key',
      facts: [
        { label: 'For', value: tenantName },
        { label: 'Works until', value: `${expiresAt.slice(0, 16).replace('T', ' ')} UTC` },
        { label: 'Without', value: 'a person signing in' },
      ],
      itemsLabel: 'May',
      items: scopes.map((scope) => SCOPE_NAMES[scope]),
      irreversible: false,
    };
  })
  .requires({ acr: 'aal2', maxAge: 0 });

/** Stores the hash of a new key and returns its text, this once. */
export async function createKey(
  tx: Tx,
  options: {
    readonly actor: Pick<Actor, 'tenantId' | 'userId'>;
    readonly params: CreateKeyParameters;
    readonly random: Randomness;
  },
): Promise<{ id: string; key: string }> {
  const { actor, params, random } = options;
  const { text, prefix, hash } = generateKey(random);
  const { id } = await tx
    .withTables<PortalTables>()
    .insertInto('portal.api_key')
    .values({
      tenant_id: actor.tenantId,
      name: params.name,
      prefix,
      key_hash: hash,
      scopes: params.scopes,
      created_by: actor.userId,
      expires_at: new Date(params.expiresAt),
    })
    .returning('id')
    .executeTakeFirstOrThrow();
  return { id, key: text };
}

/** By the database's clock, which is the one that ends keys. */
async function isInReach(tx: Tx, expiresAt: string): Promise<boolean> {
  const { rows } = await sql<{ isInReach: boolean }>`
    select ${expiresAt}::timestamptz > now()
      and ${expiresAt}::timestamptz <= now() + make_interval(days => ${MAX_DAYS}) as "isInReach"
  `.execute(tx);
  return rows[0]?.isInReach === true;
}

/** The tenant's row stays locked, so that two people creating at once are counted one by one. */
async function countLivingKeys(tx: Tx, tenantId: string): Promise<number> {
  await tx
    .selectFrom('organization')
    .select('id')
    .where('id', '=', tenantId)
    .forNoKeyUpdate()
    .executeTakeFirst();
  const { keys } = await tx
    .withTables<PortalTables>()
    .selectFrom('portal.api_key')
    .select((eb) => eb.fn.countAll<string>().as('keys'))
    .where('tenant_id', '=', tenantId)
    .where('revoked_at', 'is', null)
    .where('expires_at', '>', sql<Date>`now()`)
    .executeTakeFirstOrThrow();
  return Number(keys);
}
