import type { SessionItem } from '@countersign/server/contract';
import { type ReactNode, useRef, useState } from 'react';
import { endSession, listSessions } from '../api-account.ts';
import { Delayed } from '../components/Delayed.tsx';
import { Notice } from '../components/Notice.tsx';
import { deviceName } from '../device-name.ts';
import { explainError } from '../explain-error.ts';
import { securityMessages } from '../messages-security.ts';
import { useLoad } from '../use-load.ts';
import { SessionsTable } from './SessionsTable.tsx';

interface Announcement {
  readonly tone: 'ok' | 'danger';
  readonly text: string;
}

export function SessionsCard(): ReactNode {
  const text = securityMessages.security;
  const sessions = useLoad('sessions', listSessions);
  const [ending, setEnding] = useState<string | null>(null);
  const [announcement, setAnnouncement] = useState<Announcement | null>(null);
  const heading = useRef<HTMLHeadingElement>(null);

  const end = async (session: SessionItem) => {
    if (ending !== null) return;
    setEnding(session.id);
    setAnnouncement(null);
    const device = deviceName(session.userAgent);
    try {
      await endSession(session.id);
      setAnnouncement({ tone: 'ok', text: text.ended(device) });
      heading.current?.focus();
    } catch {
      setAnnouncement({ tone: 'danger', text: text.endFailed(device) });
    } finally {
      setEnding(null);
      sessions.reload();
    }
  };

  return (
    <section aria-labelledby="sessions" className="card">
      <h2
        className="px-5 py-4 font-[620] text-[1.0625rem]"
        id="sessions"
        ref={heading}
        tabIndex={-1}
      >
        {text.sessions}
      </h2>
      {announcement === null ? null : (
        <Notice className="mx-5 mb-4" tone={announcement.tone}>
          {announcement.text}
        </Notice>
      )}
      {sessions.error === null ? null : (
        <Notice className="mx-5 mb-5" tone="danger">
          {explainError(sessions.error)}
        </Notice>
      )}
      {sessions.data === null && sessions.error === null ? <Delayed /> : null}
      {sessions.data === null ? null : (
        <SessionsTable
          ending={ending}
          onEnd={(session) => void end(session)}
          sessions={sessions.data}
        />
      )}
    </section>
  );
}
