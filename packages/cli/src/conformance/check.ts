import type { Ground } from './ground.ts';

/** One of the rules marked "threat" in the requirements, and how it is attacked. */
export interface Check {
  /** As in the requirements: `CS-01`. */
  readonly id: string;
  /** The rule, in one sentence. */
  readonly rule: string;
  /** Set where nothing else can be tried at the same time. */
  readonly isAlone: boolean;
  /** Names of the attempts, in the order in which they are made. */
  readonly attempts: readonly Pick<Attempt<never>, 'what' | 'expected'>[];
  /** Prepares people of its own and makes every attempt, one after the other. */
  examine(ground: Ground): Promise<readonly Tried[]>;
}

/** One thing an attacker does, and what must come of it. */
export interface Attempt<Stage> {
  readonly what: string;
  readonly expected: string;
  /** @throws {NotTried} when what the attempt needs is not here, so that it says nothing. */
  act(stage: Stage): Promise<Seen>;
}

export interface Seen {
  /** What was answered or observed; never a secret. */
  readonly saw: string;
  readonly held: boolean;
}

/** An attempt with what came of it; `held` is null when it could not be made. */
export interface Tried {
  readonly what: string;
  readonly expected: string;
  readonly saw: string;
  readonly held: boolean | null;
}

export type Result = 'held' | 'broken' | 'could not run';

/** Why an attempt says nothing about its rule. */
export class NotTried extends Error {
  override readonly name = 'NotTried';
}

/**
 * Makes a check of a rule out of its attempts. `prepare` brings about what they need: when that fails,
 * none of them was made.
 */
export function defineCheck<Stage>({
  id,
  rule,
  isAlone = false,
  prepare,
  attempts,
}: {
  readonly id: string;
  readonly rule: string;
  readonly isAlone?: boolean;
  readonly prepare: (ground: Ground) => Promise<Stage>;
  readonly attempts: readonly Attempt<Stage>[];
}): Check {
  return {
    id,
    rule,
    isAlone,
    attempts,
    examine: async (ground) => {
      const untold = (saw: string) =>
        attempts.map(({ what, expected }) => ({ what, expected, saw, held: null }));
      const prepared = await attemptOf(async () => ({ stage: await prepare(ground) }));
      if ('reason' in prepared) return untold(prepared.reason);
      const tried: Tried[] = [];
      for (const { what, expected, act } of attempts) {
        ground.signal.throwIfAborted();
        await ground.letSourcesRest();
        const seen = await attemptOf(() => act(prepared.stage));
        tried.push({
          what,
          expected,
          ...('reason' in seen ? { saw: seen.reason, held: null } : seen),
        });
      }
      return tried;
    },
  };
}

/** A rule holds when every attempt on it was made and came to nothing. */
export function resultOf(tried: readonly Tried[]): Result {
  if (tried.some(({ held }) => held === false)) return 'broken';
  return tried.length > 0 && tried.every(({ held }) => held === true) ? 'held' : 'could not run';
}

/** Whatever goes wrong on the way makes an attempt that was not made, never one that held. */
async function attemptOf<T>(act: () => Promise<T>): Promise<T | { readonly reason: string }> {
  try {
    return await act();
  } catch (error) {
    const [line = 'unknown'] = error instanceof Error ? error.message.split('\n') : [];
    return { reason: `not tried: ${line}` };
  }
}
