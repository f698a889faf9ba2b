import type { Actor } from '../../ceremonies/operation.ts';
import type { RequestSource } from '../../ceremonies/ports.ts';
import { openAnswer } from '../../ceremonies/sealed-answer.ts';
import { bearerHash } from '../../ceremonies/sign-in.ts';
import { GRANT_HEADER, problemSchema } from '../../contract/index.ts';
import { actorOf, type SignedIn } from '../../http/identity.ts';
import type { AccountOperation } from '../../http/operations/account-operation.ts';
import type { AccountOperations } from '../../http/operations/account-operations.ts';
import { runGuarded } from '../../http/run-guarded.ts';
import { bodyOf, type Gate, type HookContext } from './gate-context.ts';
import { refusal, refusalOf } from './refusal.ts';

type Body = Readonly<Record<string, unknown>>;

/** One of Better Auth's endpoints, and the operation it leads to. */
interface Door {
  readonly name: keyof AccountOperations;
  /** The operation's parameters in Better Auth's body; null when one of them is missing. */
  readonly parameters: (body: Body, opened: OpenedDoor) => Promise<unknown> | unknown;
  /** The answer in Better Auth's form. */
  readonly answer: (result: Body) => Body;
}

interface OpenedDoor {
  readonly gate: Gate;
  readonly who: SignedIn;
  readonly actor: Actor;
  readonly operations: AccountOperations;
}

const DOORS: Readonly<Record<string, Door>> = {
  '/two-factor/disable': {
    name: 'authenticator.remove',
    parameters: async ({ password }, opened) => ({ id: await authenticatorId(opened), password }),
    answer: ({ receipt }) => ({ status: true, receipt }),
  },
  '/two-factor/generate-backup-codes': {
    name: 'recovery-codes.regenerate',
    parameters: () => ({}),
    answer: ({ codes, receipt }) => ({ status: true, backupCodes: codes, receipt }),
  },
  '/change-password': {
    name: 'account.change-password',
    parameters: ({ currentPassword, newPassword }) => ({ currentPassword, newPassword }),
    answer: ({ receipt }) => ({ token: null, receipt }),
  },
  '/change-email': {
    name: 'account.change-email',
    parameters: ({ newEmail, password }) => ({ newEmail, password }),
    answer: ({ receipt }) => ({ status: true, receipt }),
  },
  '/delete-user': {
    name: 'account.delete',
    parameters: () => ({}),
    answer: ({ receipt }) => ({ success: true, message: 'User deleted', receipt }),
  },
  '/organization/update-member-role': {
    name: 'member.change-role',
    parameters: async ({ memberId, role }, opened) => ({
      id: await memberUserId(opened, memberId),
      role: Array.isArray(role) && role.length === 1 ? role[0] : role,
    }),
    answer: ({ role, receipt }) => ({ role, receipt }),
  },
};

/**
 * Answers one of Better Auth's sensitive endpoints through the operation behind it; its own handler is
 * never reached. Called over HTTP and through `auth.api` alike.
 */
export async function openDoor(
  ctx: HookContext,
  gate: Gate,
  { who, operations }: { who: SignedIn; operations: AccountOperations },
): Promise<unknown> {
  const { server, source, headers } = gate;
  const door = DOORS[ctx.path];
  if (door === undefined) throw refusal('closed', source.requestId);
  const actor = actorOrRefuse(who, source);
  const entry = operations[door.name] as unknown as AccountOperation<object>;
  const given = await door.parameters(bodyOf(ctx), { gate, who, actor, operations });
  const parsed = entry.operation.schema.safeParse(given);
  if (!parsed.success) throw refusal('malformed', source.requestId);
  const params = parsed.data;
  const checkSecrets = entry.checkSecrets?.(server);
  const response = await runGuarded(server, {
    name: door.name,
    operation: entry.operation,
    actor,
    params,
    source,
    impersonatedBy: who.impersonatedBy,
    grant: headers.get(GRANT_HEADER),
    token: who.token,
    status: 200,
    ...(checkSecrets ? { checkSecrets: () => checkSecrets(params, actor, source) } : {}),
    handle: async (proof) => Response.json(await entry.perform(proof, params, { server, source })),
  });
  if (!response.ok) return throwRefusal(response);
  return ctx.json(door.answer((await response.json()) as Body));
}

/** @throws the refusal of a person who has no tenant to act in. */
export function actorOrRefuse(who: SignedIn, { requestId }: RequestSource): Actor {
  const actor = actorOf(who);
  if (actor === null) throw refusal('forbidden', requestId);
  return actor;
}

/** @throws the problem of a guarded call, in Better Auth's shape. */
export async function throwRefusal(response: Response): Promise<never> {
  throw refusalOf(problemSchema.parse(await response.json()), response);
}

/** The person's app; or, asked again after a lost response, the one its stored answer names. */
async function authenticatorId({ gate, who, actor }: OpenedDoor): Promise<string | null> {
  const grant = gate.headers.get(GRANT_HEADER);
  return gate.server.database.transaction(async (unit) => {
    const authenticator = await unit.authenticators.lockTotp(who.person.id);
    if (authenticator?.bound === true) return authenticator.id;
    if (grant === null) return null;
    const used = await unit.stepUps.findByGrant(bearerHash(grant));
    if (used === null || used.sid !== actor.sid || used.sealedAnswer === null) return null;
    const answer: { readonly id?: unknown } = JSON.parse(openAnswer(grant, used.sealedAnswer));
    return typeof answer.id === 'string' ? answer.id : null;
  });
}

/** Better Auth names a membership; the operation names its person, in the actor's own tenant. */
async function memberUserId(
  { gate, actor }: OpenedDoor,
  memberId: unknown,
): Promise<string | null> {
  if (typeof memberId !== 'string') return null;
  const row = await gate.server.database.kysely
    .selectFrom('member')
    .select('userId')
    .where('id', '=', memberId)
    .where('organizationId', '=', actor.tenantId)
    .executeTakeFirst();
  return row?.userId ?? null;
}
