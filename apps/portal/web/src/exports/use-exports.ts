import { useEffect, useRef, useState } from 'react';
import { type ExportItem, listExports } from '../api-exports.ts';
import { exportsMessages } from '../messages-exports.ts';
import { type Loaded, useLoad } from '../use-load.ts';
import { isPending, settledSince } from './export-states.ts';

export interface Exports extends Loaded<readonly ExportItem[]> {
  /** What to say aloud: that an export became ready, or failed, while this page was open. */
  readonly announcement: string;
  /** The file of this export is being fetched: its state changes shortly. */
  expectChange(id: string): void;
}

interface Expected {
  readonly id: string;
  readonly untilMs: number;
}

const POLL_MS = 1_000;
const EXPECT_MS = 30_000;

/**
 * This person's exports, looked at again every second while one is being prepared. `onTaken` is called
 * when a file that was being fetched has been, and the link to it is gone.
 */
export function useExports(onTaken: () => void): Exports {
  const exports = useLoad('exports', listExports);
  const [expected, setExpected] = useState<Expected | null>(null);
  const { data, busy, reload } = exports;

  useEffect(() => {
    const isExpecting = expected !== null && Date.now() < expected.untilMs;
    if (busy || !(isExpecting || data?.some(isPending) === true)) return;
    const timer = setTimeout(reload, POLL_MS);
    return () => clearTimeout(timer);
  }, [data, busy, reload, expected]);

  const taken = useRef(onTaken);
  useEffect(() => {
    taken.current = onTaken;
  });
  useEffect(() => {
    if (expected === null || data?.find((item) => item.id === expected.id)?.state === 'ready')
      return;
    setExpected(null);
    taken.current();
  }, [data, expected]);

  return {
    ...exports,
    announcement: useAnnouncement(data),
    expectChange: (id) => setExpected({ id, untilMs: Date.now() + EXPECT_MS }),
  };
}

function useAnnouncement(data: readonly ExportItem[] | null): string {
  const before = useRef<readonly ExportItem[]>([]);
  const [announcement, setAnnouncement] = useState('');
  useEffect(() => {
    if (data === null) return;
    const [settled] = settledSince(before.current, data);
    before.current = data;
    if (settled === undefined) return;
    setAnnouncement(
      settled.state === 'ready'
        ? exportsMessages.announceReady(settled.rowsTotal)
        : exportsMessages.announceFailed,
    );
  }, [data]);
  return announcement;
}
