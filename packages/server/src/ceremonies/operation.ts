import type { z } from 'zod';
import type { Requirement } from '../policy/operation-requirement.ts';

/** Who asks: an active session with its tenant and the role held there. */
export interface Actor {
  readonly sid: string;
  readonly sessionId: string;
  readonly userId: string;
  readonly tenantId: string;
  readonly tenantName: string;
  readonly role: string;
  /** Level of the session. */
  readonly aal: number;
}

/** What will happen as the server sees it. Every name counts towards the hash; 20 are shown. */
export interface Resolved {
  readonly title: string;
  /** The verb on the button: "Delete 3 records". */
  readonly action: string;
  readonly facts: readonly { readonly label: string; readonly value: string }[];
  readonly itemsLabel: string;
  readonly items: readonly string[];
  readonly irreversible: boolean;
}

/** Why something cannot be done as things are, whoever confirms it. */
export type ResolveRefusal =
  | 'conflict'
  | 'precondition_failed'
  | 'authenticator_required'
  | 'policy_locks_out';

/** One sensitive operation, complete. Made by {@link operation}. */
export interface Operation<P extends object, Tx> {
  readonly schema: z.ZodType<P>;
  /** Locks what it relies on; false is 403, before any challenge. */
  readonly authorize: (actor: Actor, params: P, tx: Tx) => Promise<boolean> | boolean;
  /** Facts it can reproduce at execution; `null` is 404, a code is that refusal. */
  readonly resolve: (params: P, tx: Tx, actor: Actor) => Promise<Resolved | null | ResolveRefusal>;
  readonly requirement: Requirement;
  /**
   * Takes locks that others would hold shared by then: it runs before the guard locks the actor's
   * session and membership, when nothing is proved yet.
   */
  readonly lockFirst?: (actor: Actor, tx: Tx) => Promise<unknown>;
  /** Names of fields that stay out of every hash and record. */
  readonly secretFields: readonly string[];
  /** Names of fields that are hashed only as salted commitments. */
  readonly personalFields: readonly string[];
}

/** Marks a field of an operation's schema as secret: `z.string().meta(secret)`. */
export const secret = { countersignSecret: true } as const;

/**
 * Marks a field that names a person and is easily guessed, such as an address: a plain hash of it
 * would outlive its erasure.
 */
export const personal = { countersignPersonal: true } as const;

/**
 * Begins the definition of an operation: `operation(schema).authorize(…).resolve(…).requires(…)`.
 * Each step is required; there is no operation without all of them.
 */
export function operation<P extends object>(schema: z.ZodObject & z.ZodType<P>) {
  return {
    authorize: <Tx>(authorize: Operation<P, Tx>['authorize']) => ({
      resolve: (resolve: Operation<P, Tx>['resolve']) => ({
        requires: (
          requirement: Requirement,
          locks: Pick<Operation<P, Tx>, 'lockFirst'> = {},
        ): Operation<P, Tx> => ({
          ...locks,
          schema,
          authorize,
          resolve,
          requirement,
          secretFields: marked(schema, 'countersignSecret'),
          personalFields: marked(schema, 'countersignPersonal'),
        }),
      }),
    }),
  };
}

/** Types a table of operations; its keys are the names used on the wire and in events. */
// biome-ignore lint/suspicious/noExplicitAny: each entry keeps its own parameter type; the table only bounds them.
export function defineOperations<Table extends Readonly<Record<string, Operation<any, any>>>>(
  table: Table,
): Table {
  return table;
}

function marked(schema: z.ZodObject, mark: string): string[] {
  return Object.entries(schema.shape)
    .filter(([, field]) => hasMark(field as z.ZodType, mark))
    .map(([name]) => name);
}

/** Wrappers such as optional and default drop what was said of the type inside. */
function hasMark(field: z.ZodType, mark: string): boolean {
  if (field.meta()?.[mark] === true) return true;
  const { innerType } = field.def as { readonly innerType?: z.ZodType };
  return innerType !== undefined && hasMark(innerType, mark);
}
