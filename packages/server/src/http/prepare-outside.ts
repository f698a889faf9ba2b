import type { Proof } from './guard.ts';

type Prepare = Proof['prepare'];

/** Leaves a transaction whose handler needs slow work first; nothing was written in it. */
export class Unprepared extends Error {
  override readonly name = 'Unprepared';
  readonly work: () => Promise<unknown>;
  constructor(work: () => Promise<unknown>) {
    super('the slow work of an act comes before its transaction');
    this.work = work;
  }
}

/**
 * Runs `attempt`, and where its handler asks for slow work, does that between two attempts: the first
 * proves that the request may act, so that nobody else makes the server hash, and the last proves it
 * again, with locks that no hashing holds up.
 */
export async function prepareOutside<Outcome>(
  sid: string,
  attempt: (prepare: Prepare) => Promise<Outcome>,
): Promise<Outcome> {
  const first = await attemptUnprepared(attempt);
  if (!(first instanceof Unprepared)) return first;
  return inTurn(sid, async () => {
    // A copy of this request may have acted meanwhile: then its answer is there, and no work is owed.
    const again = await attemptUnprepared(attempt);
    if (!(again instanceof Unprepared)) return again;
    const work = Promise.resolve().then(again.work);
    // A failure is told inside the attempt, where it is recorded as the act's.
    await work.catch(() => undefined);
    return attempt(async <T>() => work as Promise<T>);
  });
}

async function attemptUnprepared<Outcome>(
  attempt: (prepare: Prepare) => Promise<Outcome>,
): Promise<Outcome | Unprepared> {
  try {
    return await attempt(async (work) => {
      throw new Unprepared(work);
    });
  } catch (error) {
    if (error instanceof Unprepared) return error;
    throw error;
  }
}

/** Prepares at most once for each run of the handler: the victim of a deadlock begins again. */
export function preparesOnce(prepare: Prepare): Prepare {
  let isUsed = false;
  return async (work) => {
    if (isUsed) throw new TypeError('a proof prepares once');
    isUsed = true;
    return prepare(work);
  };
}

const turns = new Map<string, Promise<unknown>>();

/** One at a time a session and process: copies of one request must not multiply its slow work. */
async function inTurn<T>(sid: string, work: () => Promise<T>): Promise<T> {
  const before = turns.get(sid) ?? Promise.resolve();
  const turn = before.catch(() => undefined).then(work);
  turns.set(sid, turn);
  try {
    return await turn;
  } finally {
    if (turns.get(sid) === turn) turns.delete(sid);
  }
}
