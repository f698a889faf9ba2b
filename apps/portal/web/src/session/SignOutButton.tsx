import { type ReactNode, useState } from 'react';
import { Button } from '../components/Button.tsx';
import { shellMessages } from '../messages-shell.ts';
import { useLeave } from './use-leave.ts';

/** Ends the session and leaves. */
export function SignOutButton(): ReactNode {
  const [busy, setBusy] = useState(false);
  const [failed, setFailed] = useState(false);
  const signOut = useLeave();
  const leave = async () => {
    setBusy(true);
    setFailed(false);
    try {
      await signOut();
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
