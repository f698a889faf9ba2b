import type { Session } from '@countersign/server/contract';
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import type { SessionState } from './context.ts';
import type { Client } from './create-client.ts';
import { type DraftRegistry, forgetDrafts, forgetDraftsOfOthers } from './drafts.ts';
import { openSessionChannel, type SessionChannel } from './session-channel.ts';
import { forgetStoredCalls } from './step-up-redirect.ts';
import type { TabStorage } from './tab-storage.ts';

interface Known {
  readonly status: SessionState['status'];
  readonly session: Session | null;
  readonly endsAtMs: number | null;
  readonly isLost: boolean;
  readonly persons: number;
}

const NOTHING_KNOWN: Known = {
  status: 'loading',
  session: null,
  endsAtMs: null,
  isLost: false,
  persons: 0,
};

export interface SessionStateOptions {
  readonly drafts: DraftRegistry;
  readonly storage: TabStorage | null;
}

/**
 * Keeps the session of `client`: read on mount, on request, when an answer says it is gone, when the
 * page comes to the front again, and when another tab has news of it.
 */
export function useSessionState(client: Client, options: SessionStateOptions): SessionState {
  const { drafts, storage } = options;
  const [known, setKnown] = useState<Known>(NOTHING_KNOWN);
  const latest = useRef(0);
  const present = useRef<Known>(NOTHING_KNOWN);
  const channel = useRef<SessionChannel | null>(null);
  const isLeaving = useRef(false);

  const refresh = useCallback(async () => {
    latest.current += 1;
    const turn = latest.current;
    const update = await readSession(client);
    // A slower, older answer must not undo a newer one.
    if (turn !== latest.current) return;
    const before = present.current;
    const next = following(before, update, { isLeaving: isLeaving.current });
    settleDrafts(before.session, next, { drafts, storage });
    if (next.session?.state === 'active') {
      isLeaving.current = false;
      if (before.isLost) channel.current?.tell('signed-in');
    }
    present.current = next;
    setKnown(next);
  }, [client, drafts, storage]);

  const forget = useCallback(() => {
    isLeaving.current = true;
    drafts.release(null);
    if (storage === null) return;
    forgetDrafts(storage);
    forgetStoredCalls(storage);
  }, [drafts, storage]);

  useEffect(() => {
    void refresh();
    const opened = openSessionChannel((news) => {
      if (news === 'signed-out') forget();
      void refresh();
    });
    channel.current = opened;
    const look = () => {
      if (document.visibilityState === 'visible') void refresh();
    };
    document.addEventListener('visibilitychange', look);
    const stop = client.onSessionLost(() => void refresh());
    return () => {
      stop();
      document.removeEventListener('visibilitychange', look);
      opened.close();
    };
  }, [client, refresh, forget]);

  const extend = useCallback(async () => {
    await client.extendSession();
    channel.current?.tell('extended');
    await refresh();
  }, [client, refresh]);
  const leave = useCallback(() => {
    forget();
    channel.current?.tell('signed-out');
  }, [forget]);

  return useMemo(() => ({ ...known, refresh, extend, leave }), [known, refresh, extend, leave]);
}

interface Answer {
  readonly status: SessionState['status'];
  readonly session?: Session;
  readonly endsAtMs?: number | null;
}

async function readSession(client: Client): Promise<Answer> {
  // By a clock that nobody sets, and from before the question: the page is never later than the server.
  const askedAtMs = performance.now();
  try {
    const session = await client.session();
    const { expiry } = session;
    const endsAtMs = expiry === null ? null : askedAtMs + expiry.secondsLeft * 1000;
    return { status: 'ready', session, endsAtMs };
  } catch {
    return { status: 'failed' };
  }
}

function following(before: Known, update: Answer, { isLeaving }: { isLeaving: boolean }): Known {
  const { session } = update;
  if (session === undefined) {
    const isOver = before.endsAtMs !== null && before.endsAtMs <= performance.now();
    const unknown = { ...before, status: update.status };
    // Nobody vouches for this page any more: what it shows goes, what was typed is kept.
    return isOver ? { ...unknown, session: null, endsAtMs: null, isLost: true } : unknown;
  }
  const was = before.session;
  const isIn = session.state === 'active';
  const hasEnded = was !== null && was.state !== 'none' && session.state === 'none';
  // Signed in as somebody else in another tab: what is on this page is not theirs.
  const isAnother = was?.state === 'active' && isIn && was.user?.id !== session.user?.id;
  return {
    status: update.status,
    session,
    endsAtMs: update.endsAtMs ?? null,
    isLost: !isIn && !isLeaving && (before.isLost || hasEnded),
    persons: before.persons + (isAnother ? 1 : 0),
  };
}

/** What was typed stays for whoever typed it, and goes when somebody else is there. */
function settleDrafts(
  was: Session | null,
  next: Known,
  { drafts, storage }: SessionStateOptions,
): void {
  const { session } = next;
  const before = was?.state === 'active' ? was.user : null;
  const after = session?.state === 'active' ? session.user : null;
  if (before !== null && after === null && (next.isLost || session?.state === 'pending')) {
    drafts.keep(before.id);
  }
  if (after === null) return;
  drafts.release(after.id);
  if (storage !== null) forgetDraftsOfOthers(storage, after.id);
}
