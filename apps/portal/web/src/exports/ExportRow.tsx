import type { ReactNode } from 'react';
import { type ExportItem, exportFileUrl } from '../api-exports.ts';
import { Pill, type PillProps } from '../components/Pill.tsx';
import { formatAge, formatTime, formatUntil } from '../dates.ts';
import { exportsMessages } from '../messages-exports.ts';
import { formatBytes } from './export-states.ts';

export interface ExportRowProps {
  readonly item: ExportItem;
  readonly now: Date;
  readonly onDownload: () => void;
}

const tones: Readonly<Record<ExportItem['state'], PillProps['tone']>> = {
  waiting: 'mute',
  running: 'mute',
  ready: 'ok',
  downloaded: 'mute',
  expired: 'mute',
  failed: 'danger',
};

/** One export: how far it is, or what can still be done with it. */
export function ExportRow({ item, now, onDownload }: ExportRowProps): ReactNode {
  const text = exportsMessages;
  const name = text.names[item.format];
  return (
    <li
      className="flex flex-wrap items-center gap-x-6 gap-y-3 border-line border-t px-5 py-4"
      data-export={item.state}
    >
      <div className="min-w-0 flex-1 basis-64">
        <h3 className="flex flex-wrap items-center gap-x-2.5 gap-y-1 font-[600]">
          {name} <Pill tone={tones[item.state]}>{text.states[item.state]}</Pill>
        </h3>
        <p className="text-ink-3 text-sm">
          {text.asked(formatAge(item.createdAt, now))}
          {item.bytes === null ? null : (
            <> · {text.size(item.rowsTotal, formatBytes(item.bytes))}</>
          )}
        </p>
        <ExportDetail item={item} now={now} />
      </div>
      {item.state === 'ready' && item.downloadable ? (
        <a
          aria-label={text.downloadLabel(name)}
          className="cs-button cs-primary"
          download
          href={exportFileUrl(item.id)}
          onClick={onDownload}
        >
          {text.download}
        </a>
      ) : null}
    </li>
  );
}

function ExportDetail({ item, now }: Omit<ExportRowProps, 'onDownload'>): ReactNode {
  const text = exportsMessages;
  switch (item.state) {
    case 'waiting':
      return <p className="text-ink-2">{text.waiting}</p>;
    case 'running':
      return (
        <div className="mt-1 grid max-w-96 gap-1.5">
          <progress
            aria-label={text.progressLabel}
            className="progress"
            max={Math.max(1, item.rowsTotal)}
            value={item.rowsDone}
          />
          <p className="text-ink-2 tabular-nums">{text.progress(item.rowsDone, item.rowsTotal)}</p>
        </div>
      );
    case 'ready':
      return <p className="text-ink-2">{readyDetail(item, now)}</p>;
    case 'downloaded':
      return <p className="text-ink-2">{text.downloaded}</p>;
    case 'expired':
      return <p className="text-ink-2">{text.expired}</p>;
    case 'failed':
      return <p className="text-ink-2">{text.failed}</p>;
  }
}

function readyDetail({ expiresAt, downloadable }: ExportItem, now: Date): string {
  if (expiresAt === null) return '';
  const until = formatTime(expiresAt);
  return downloadable
    ? exportsMessages.expires(until, formatUntil(expiresAt, now))
    : exportsMessages.elsewhere(until);
}
