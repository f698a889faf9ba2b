import type { ReactNode } from 'react';
import { Button } from '../components/Button.tsx';
import { Pill } from '../components/Pill.tsx';
import { deviceName } from '../device-name.ts';
import { securityMessages } from '../messages-security.ts';
import { tableRoles } from '../table-roles.ts';

export interface DeviceRow {
  readonly id: string;
  readonly userAgent: string;
  readonly address: string;
  /** Whether it is the browser this page is open in. */
  readonly current: boolean;
}

export interface DevicesTableProps<Row extends DeviceRow> {
  readonly label: string;
  readonly rows: readonly Row[];
  /** What is told of each besides device and address. */
  readonly facts: readonly { readonly column: string; readonly of: (row: Row) => string | null }[];
  readonly action: {
    readonly text: string;
    readonly label: (device: string, address: string) => string;
    /** Which row it is being done to. */
    readonly busyWith: string | null;
    readonly isOffered: (row: Row) => boolean;
    readonly run: (row: Row) => void;
  };
}

/** Browsers, where each was last seen, and one thing that can be done to each. */
export function DevicesTable<Row extends DeviceRow>(props: DevicesTableProps<Row>): ReactNode {
  const { label, rows, facts, action } = props;
  const text = securityMessages.security;
  return (
    <table
      {...tableRoles.table}
      aria-label={label}
      className="data-table stacked border-line border-t"
    >
      <thead {...tableRoles.group}>
        <tr {...tableRoles.row}>
          <th {...tableRoles.columnheader} className="pl-5!">
            {text.columns.device}
          </th>
          {[text.columns.address, ...facts.map(({ column }) => column)].map((column) => (
            <th {...tableRoles.columnheader} key={column}>
              {column}
            </th>
          ))}
          <th {...tableRoles.columnheader}>
            <span className="cs-sr-only">{text.actions}</span>
          </th>
        </tr>
      </thead>
      <tbody {...tableRoles.group}>
        {rows.map((row) => {
          const device = deviceName(row.userAgent);
          return (
            <tr {...tableRoles.row} key={row.id}>
              <td {...tableRoles.cell} className="wide:pl-5!">
                <span className="flex flex-wrap items-center gap-x-2.5 gap-y-1 font-[560]">
                  {device}
                  {row.current ? <Pill tone="mute">{text.thisOne}</Pill> : null}
                </span>
              </td>
              <td {...tableRoles.cell} data-label={text.columns.address}>
                {row.address}
              </td>
              {facts.map(({ column, of }) => (
                <td {...tableRoles.cell} data-label={column} key={column}>
                  {of(row)}
                </td>
              ))}
              <td
                {...tableRoles.cell}
                className="wide:py-1.5! wide:text-right max-wide:empty:hidden"
              >
                {action.isOffered(row) ? (
                  <Button
                    aria-label={action.label(device, row.address)}
                    busy={action.busyWith === row.id}
                    className="max-wide:mt-2 wide:border-transparent! wide:text-accent!"
                    onClick={() => action.run(row)}
                  >
                    {action.text}
                  </Button>
                ) : null}
              </td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}
