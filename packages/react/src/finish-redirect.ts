import type { Client } from './create-client.ts';
import { parseReturnPath } from './parse-return-path.ts';
import { stateOf } from './step-up-channel.ts';
import { storeResumption, takePendingRedirect } from './step-up-redirect.ts';
import type { TabStorage } from './tab-storage.ts';

export interface FinishPorts {
  readonly client: Pick<Client, 'verifyStepUp'>;
  readonly storage: TabStorage | null;
  /** This page's own origin. */
  readonly origin: string;
  readonly now: () => Date;
}

/** What became of a journey that left its page. */
export type FinishedRedirect =
  /** This tab began no such journey. */
  | { readonly kind: 'unknown' }
  /** `error` is what confirming was refused with. */
  | { readonly kind: 'refused'; readonly returnTo: string; readonly error: unknown }
  | {
      readonly kind: 'confirmed';
      readonly returnTo: string;
      /** False when the parameters were not kept, so that the person makes the call again. */
      readonly goesOn: boolean;
      /** How long the confirmation can be used. */
      readonly lifeSeconds: number;
    };

/** Where a path that cannot be trusted leads. */
const HOME = '/';

/**
 * Finishes a journey to the identity provider that left its page: verifies the answer, keeps the
 * grant for the one call it is for, and says where to go back to, which is always on this origin.
 */
export async function finishRedirect(
  ports: FinishPorts,
  returnUrl: string,
): Promise<FinishedRedirect> {
  const { client, storage, origin, now } = ports;
  const state = stateOf(returnUrl);
  if (storage === null || state === null) return { kind: 'unknown' };
  const pending = takePendingRedirect(storage, state);
  if (pending === null) return { kind: 'unknown' };
  const { challengeId, operation, paramsKey } = pending;
  // Anything on this origin can write to the tab's storage: the path is parsed where it is used.
  const returnTo = parseReturnPath(pending.returnTo, origin) ?? HOME;
  try {
    const answer = { method: 'idp', response: { returnUrl } } as const;
    const { grant, expiresAt } = await client.verifyStepUp(challengeId, answer);
    const confirmed = { operation, paramsKey, grant };
    const at = now();
    const { expiresAtMs } = storeResumption(storage, confirmed, { expiresAt, now: at });
    const lifeSeconds = (expiresAtMs - at.getTime()) / 1_000;
    return { kind: 'confirmed', returnTo, goesOn: paramsKey !== null, lifeSeconds };
  } catch (error) {
    return { kind: 'refused', returnTo, error };
  }
}
