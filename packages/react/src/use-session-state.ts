import type { Session } from '@countersign/server/contract';
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import type { SessionState } from './context.ts';
import type { Client } from './create-client.ts';

interface Known {
  readonly status: SessionState['status'];
  readonly session: Session | null;
}

/** Keeps the session of `client`: read on mount, on request, and when an answer says it is gone. */
export function useSessionState(client: Client): SessionState {
  const [known, setKnown] = useState<Known>({ status: 'loading', session: null });
  const latest = useRef(0);

  const refresh = useCallback(async () => {
    latest.current += 1;
    const turn = latest.current;
    const update = await readSession(client);
    // A slower, older answer must not undo a newer one.
    if (turn !== latest.current) return;
    setKnown((previous) => ({ session: previous.session, ...update }));
  }, [client]);

  useEffect(() => {
    void refresh();
    return client.onSessionLost(() => void refresh());
  }, [client, refresh]);

  return useMemo(() => ({ ...known, refresh }), [known, refresh]);
}

async function readSession(client: Client): Promise<Partial<Known> & Pick<Known, 'status'>> {
  try {
    return { status: 'ready', session: await client.session() };
  } catch {
    return { status: 'failed' };
  }
}
