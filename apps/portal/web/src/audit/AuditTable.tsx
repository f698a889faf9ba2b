import type { AuditEvent } from '@countersign/server/contract';
import { type ReactNode, useState } from 'react';
import { auditMessages } from '../messages-audit.ts';
import { tableRoles } from '../table-roles.ts';
import { AuditRow } from './AuditRow.tsx';

export interface AuditTableProps {
  readonly events: readonly AuditEvent[];
  readonly stale: boolean;
  /** Leaf hash of the entry to show open at first. */
  readonly entryHash: string | null;
}

export function AuditTable({ events, stale, entryHash }: AuditTableProps): ReactNode {
  const { columns, table } = auditMessages.audit;
  const [openId, setOpenId] = useState<string | null>(
    () => events.find((event) => event.leafHash === entryHash)?.id ?? null,
  );
  return (
    <table
      {...tableRoles.table}
      aria-busy={stale}
      aria-label={table}
      className={`data-table fixed-columns stacked ${stale ? 'opacity-60' : ''}`}
    >
      <thead {...tableRoles.group}>
        <tr {...tableRoles.row}>
          <th {...tableRoles.columnheader} className="w-[13%] pl-5!">
            {columns.when}
          </th>
          <th {...tableRoles.columnheader} className="w-[20%]">
            {columns.who}
          </th>
          <th {...tableRoles.columnheader} className="w-[22%]">
            {columns.what}
          </th>
          <th {...tableRoles.columnheader} className="w-[14%]">
            {columns.factor}
          </th>
          <th {...tableRoles.columnheader} className="w-[10%]">
            {columns.outcome}
          </th>
          <th {...tableRoles.columnheader} className="w-[11%]">
            {columns.source}
          </th>
          <th {...tableRoles.columnheader}>
            <span className="cs-sr-only">{columns.details}</span>
          </th>
        </tr>
      </thead>
      <tbody {...tableRoles.group}>
        {events.map((event) => (
          <AuditRow
            event={event}
            isOpen={openId === event.id}
            key={event.id}
            onToggle={() => setOpenId(openId === event.id ? null : event.id)}
          />
        ))}
      </tbody>
    </table>
  );
}
