import type { Actor, Operation } from '../../ceremonies/operation.ts';
import type { RequestSource } from '../../ceremonies/ports.ts';
import type { Tx } from '../../storage/transaction.ts';
import type { ServerContext } from '../environment.ts';
import type { GuardedRoute, Proof, SecretCheck } from '../guard.ts';

/** What every act of the library's own operations is given. */
export interface ActContext {
  readonly server: ServerContext;
  readonly source: RequestSource;
}

/**
 * An operation with its act: one place for all doors that lead to it, the portal's own route and Better
 * Auth's endpoint.
 */
export interface AccountOperation<P extends object> {
  readonly operation: Operation<P, Tx>;
  readonly route: GuardedRoute;
  /** Does the act through its proof; what it resolves to is the whole answer. */
  readonly perform: (proof: Proof, params: P, context: ActContext) => Promise<object>;
  /** Present where the operation has secret fields. */
  readonly checkSecrets?: (server: ServerContext) => SecretCheck<P>;
}

/** The person's own session, which the guard holds locked for the act. */
export async function lockedSession(
  unit: Parameters<Parameters<Proof['commit']>[0]>[1]['unit'],
  { sid }: Actor,
) {
  const session = await unit.sessions.lock(sid);
  if (session === null) throw new TypeError('the session ended under its own lock');
  return session;
}
