import type { SessionItem } from '@countersign/server/contract';
import type { ReactNode } from 'react';
import { Button } from '../components/Button.tsx';
import { Pill } from '../components/Pill.tsx';
import { formatAge } from '../dates.ts';
import { deviceName } from '../device-name.ts';
import { securityMessages } from '../messages-security.ts';
import { strongestMethod } from '../strongest-method.ts';
import { tableRoles } from '../table-roles.ts';
import { useNow } from '../use-now.ts';

export interface SessionsTableProps {
  readonly sessions: readonly SessionItem[];
  readonly ending: string | null;
  readonly onEnd: (session: SessionItem) => void;
}

export function SessionsTable({ sessions, ending, onEnd }: SessionsTableProps): ReactNode {
  const text = securityMessages.security;
  const now = useNow();
  return (
    <table
      {...tableRoles.table}
      aria-label={text.sessions}
      className="data-table stacked border-line border-t"
    >
      <thead {...tableRoles.group}>
        <tr {...tableRoles.row}>
          <th {...tableRoles.columnheader} className="pl-5!">
            {text.columns.device}
          </th>
          <th {...tableRoles.columnheader}>{text.columns.address}</th>
          <th {...tableRoles.columnheader}>{text.columns.factor}</th>
          <th {...tableRoles.columnheader}>{text.columns.seen}</th>
          <th {...tableRoles.columnheader}>
            <span className="cs-sr-only">{text.actions}</span>
          </th>
        </tr>
      </thead>
      <tbody {...tableRoles.group}>
        {sessions.map((session) => {
          const device = deviceName(session.userAgent);
          return (
            <tr {...tableRoles.row} key={session.id}>
              <td {...tableRoles.cell} className="wide:pl-5!">
                <span className="flex flex-wrap items-center gap-x-2.5 gap-y-1 font-[560]">
                  {device}
                  {session.current ? <Pill tone="mute">{text.thisOne}</Pill> : null}
                </span>
              </td>
              <td {...tableRoles.cell} data-label={text.columns.address}>
                {session.address}
              </td>
              <td {...tableRoles.cell} data-label={text.columns.factor}>
                {strongestMethod(session.methods)}
              </td>
              <td {...tableRoles.cell} data-label={text.columns.seen}>
                {formatAge(session.lastSeenAt, now)}
              </td>
              <td
                {...tableRoles.cell}
                className="wide:py-1.5! wide:text-right max-wide:empty:hidden"
              >
                {session.current ? null : (
                  <Button
                    aria-label={text.endLabel(device, session.address)}
                    busy={ending === session.id}
                    onClick={() => onEnd(session)}
                    className="max-wide:mt-2 wide:border-transparent! wide:text-accent!"
                  >
                    {text.end}
                  </Button>
                )}
              </td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}
