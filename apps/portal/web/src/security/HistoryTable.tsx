import type { SecurityEvent } from '@countersign/server/contract';
import type { ReactNode } from 'react';
import { Pill } from '../components/Pill.tsx';
import { formatMoment } from '../dates.ts';
import { deviceName } from '../device-name.ts';
import { historyMessages } from '../messages-history.ts';
import { strongestMethod } from '../strongest-method.ts';
import { tableRoles } from '../table-roles.ts';
import { describeSecurityEvent } from './describe-security-event.ts';

export interface HistoryTableProps {
  readonly events: readonly SecurityEvent[];
  readonly stale: boolean;
}

export function HistoryTable({ events, stale }: HistoryTableProps): ReactNode {
  const { columns, table, empty } = historyMessages;
  if (events.length === 0) return <p className="px-5 pb-5 text-ink-2">{empty}</p>;
  return (
    <table
      {...tableRoles.table}
      aria-busy={stale}
      aria-label={table}
      className={`data-table stacked border-line border-t ${stale ? 'opacity-60' : ''}`}
    >
      <thead {...tableRoles.group}>
        <tr {...tableRoles.row}>
          <th {...tableRoles.columnheader} className="pl-5!">
            {columns.what}
          </th>
          <th {...tableRoles.columnheader}>{columns.when}</th>
          <th {...tableRoles.columnheader}>{columns.device}</th>
          <th {...tableRoles.columnheader}>{columns.address}</th>
          <th {...tableRoles.columnheader}>{columns.factor}</th>
        </tr>
      </thead>
      <tbody {...tableRoles.group}>
        {events.map((event) => (
          <HistoryRow event={event} key={event.id} />
        ))}
      </tbody>
    </table>
  );
}

function HistoryRow({ event }: { readonly event: SecurityEvent }): ReactNode {
  const { columns, refused } = historyMessages;
  const { userAgent } = event;
  return (
    <tr {...tableRoles.row}>
      <td {...tableRoles.cell} className="wide:pl-5!">
        <span className="flex flex-wrap items-center gap-x-2.5 gap-y-1 font-[560]">
          {describeSecurityEvent(event)}
          {event.outcome === 'success' ? null : <Pill tone="warn">{refused}</Pill>}
        </span>
      </td>
      <td {...tableRoles.cell} data-label={columns.when}>
        <time dateTime={event.at}>{formatMoment(event.at)}</time>
      </td>
      <td {...tableRoles.cell} className="max-wide:empty:hidden" data-label={columns.device}>
        {userAgent === null ? null : deviceName(userAgent)}
      </td>
      <td {...tableRoles.cell} className="max-wide:empty:hidden" data-label={columns.address}>
        {event.address}
      </td>
      <td {...tableRoles.cell} className="max-wide:empty:hidden" data-label={columns.factor}>
        {strongestMethod(event.methods)}
      </td>
    </tr>
  );
}
