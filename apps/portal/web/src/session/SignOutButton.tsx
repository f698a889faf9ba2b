import { type ReactNode, useState } from 'react';
import { signOut } from '../auth-api.ts';
import { Button } from '../components/Button.tsx';
import { shellMessages } from '../messages-shell.ts';

/** Ends the session and leaves with a whole page load, so that nothing of it stays in memory. */
export function SignOutButton(): ReactNode {
  const [busy, setBusy] = useState(false);
  const [failed, setFailed] = useState(false);
  const leave = async () => {
    setBusy(true);
    setFailed(false);
    try {
      await signOut();
      window.location.assign('/sign-in');
    } catch {
      setBusy(false);
      setFailed(true);
    }
  };
  return (
    <>
      <Button busy={busy} onClick={() => void leave()} tone="quiet">
        {shellMessages.nav.signOut}
      </Button>
      <span className="text-danger text-sm empty:hidden" role="alert">
        {failed ? shellMessages.nav.signOutFailed : ''}
      </span>
    </>
  );
}
