import { type ComponentType, lazy, type ReactNode, useState } from 'react';

let fetched: ComponentType | null = null;

/** Fetches the page of the second factor ahead of showing it. */
export async function loadChallengePage(): Promise<{ readonly default: ComponentType }> {
  fetched = (await import('../pages/ChallengePage.tsx')).ChallengePage;
  return { default: fetched };
}

const Fetching = lazy(loadChallengePage);

/**
 * The page of the second factor. One that was fetched shows at once, where `lazy` would show what it
 * shows meanwhile, and React keep that for 300 ms.
 */
export function ChallengeRoute(): ReactNode {
  // Kept while it is shown: another component would begin anew, without the codes this one holds.
  const [Page] = useState<ComponentType>(() => fetched ?? Fetching);
  return <Page />;
}
