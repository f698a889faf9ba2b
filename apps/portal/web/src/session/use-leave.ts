import { useSession } from '@countersign/react';
import { signOut } from '../auth-api.ts';

/**
 * How to sign out, in every tab. It leaves with a whole page load, so that nothing stays in memory.
 * The function returned rejects when the server could not be reached.
 */
export function useLeave(): () => Promise<void> {
  const { leave } = useSession();
  return async () => {
    await signOut();
    leave();
    window.location.assign('/sign-in');
  };
}
