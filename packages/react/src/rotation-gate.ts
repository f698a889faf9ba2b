/** Keeps requests that replace the session cookie apart from those that carry it. */
export interface RotationGate {
  /** Runs `work` beside others of its kind, never beside a rotation. */
  share<T>(work: () => Promise<T>): Promise<T>;
  /** Runs `work` alone: after everything already under way, before everything that comes later. */
  rotate<T>(work: () => Promise<T>): Promise<T>;
}

/**
 * A request that set out with the old cookie while the new one was being issued would be answered
 * "sign in first", although the person is signed in. The gate makes that order impossible.
 */
export function createRotationGate(): RotationGate {
  const sharing = new Set<Promise<unknown>>();
  let rotation: Promise<unknown> = Promise.resolve();
  let rotating = 0;

  return {
    async share(work) {
      while (rotating > 0) await settled(rotation);
      const run = work();
      sharing.add(run);
      try {
        return await run;
      } finally {
        sharing.delete(run);
      }
    },
    async rotate(work) {
      rotating += 1;
      const previous = rotation;
      const run = (async () => {
        await settled(previous);
        await Promise.allSettled([...sharing]);
        return work();
      })();
      rotation = run;
      try {
        return await run;
      } finally {
        rotating -= 1;
      }
    },
  };
}

async function settled(promise: Promise<unknown>): Promise<void> {
  await Promise.allSettled([promise]);
}
