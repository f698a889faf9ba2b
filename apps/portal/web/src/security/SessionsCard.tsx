import type { SessionItem } from '@countersign/server/contract';
import { type ReactNode, useRef, useState } from 'react';
import { endOtherSessions, endSession, listSessions } from '../api-account.ts';
import { Button } from '../components/Button.tsx';
import { CardSection } from '../components/CardSection.tsx';
import { Delayed } from '../components/Delayed.tsx';
import { Notice } from '../components/Notice.tsx';
import { formatAge } from '../dates.ts';
import { deviceName } from '../device-name.ts';
import { explainError } from '../explain-error.ts';
import { securityMessages } from '../messages-security.ts';
import { strongestMethod } from '../strongest-method.ts';
import { useLoad } from '../use-load.ts';
import { useNow } from '../use-now.ts';
import { DevicesTable } from './DevicesTable.tsx';

interface Announcement {
  readonly tone: 'ok' | 'danger';
  readonly text: string;
}

/** What is being ended when it is every session but this one. */
const OTHERS = 'others';

export function SessionsCard(): ReactNode {
  const text = securityMessages.security;
  const sessions = useLoad('sessions', listSessions);
  const [ending, setEnding] = useState<string | null>(null);
  const [announcement, setAnnouncement] = useState<Announcement | null>(null);
  const now = useNow();
  const heading = useRef<HTMLHeadingElement>(null);

  const settle = async (id: string, work: () => Promise<string>, failed: string) => {
    if (ending !== null) return;
    setEnding(id);
    setAnnouncement(null);
    try {
      setAnnouncement({ tone: 'ok', text: await work() });
      heading.current?.focus();
    } catch {
      setAnnouncement({ tone: 'danger', text: failed });
    } finally {
      setEnding(null);
      sessions.reload();
    }
  };
  const end = ({ id, userAgent }: SessionItem) => {
    const device = deviceName(userAgent);
    const work = async () => {
      await endSession(id);
      return text.ended(device);
    };
    void settle(id, work, text.endFailed(device));
  };
  const endOthers = () => {
    const work = async () => text.othersEnded(await endOtherSessions());
    void settle(OTHERS, work, text.othersFailed);
  };
  const hasOthers = sessions.data?.some(({ current }) => !current) === true;

  return (
    <CardSection
      action={
        hasOthers ? (
          <Button busy={ending === OTHERS} onClick={endOthers} tone="quiet">
            {text.endOthers}
          </Button>
        ) : null
      }
      headingRef={heading}
      title={text.sessions}
    >
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
        <DevicesTable
          action={{
            text: text.end,
            label: text.endLabel,
            busyWith: ending,
            isOffered: ({ current }) => !current,
            run: end,
          }}
          facts={[
            { column: text.columns.factor, of: ({ methods }) => strongestMethod(methods) },
            { column: text.columns.seen, of: ({ lastSeenAt }) => formatAge(lastSeenAt, now) },
          ]}
          label={text.sessions}
          rows={sessions.data}
        />
      )}
    </CardSection>
  );
}
