import type { ReactNode } from 'react';
import type { PortalRecord } from '../api-records.ts';
import { formatShortDay } from '../dates.ts';
import { recordsMessages } from '../messages-records.ts';
import { tableRoles } from '../table-roles.ts';
import { SelectAll } from './SelectAll.tsx';
import type { Selection } from './use-selection.ts';

export interface RecordsTableProps {
  readonly records: readonly PortalRecord[];
  readonly selection: Selection;
  /** Whether a newer page is on its way and has been for a while. */
  readonly stale: boolean;
}

export function RecordsTable({ records, selection, stale }: RecordsTableProps): ReactNode {
  const text = recordsMessages.records;
  const page = records.map((record) => record.id);
  return (
    <table
      {...tableRoles.table}
      aria-busy={stale}
      aria-label={text.table}
      className={`data-table stacked ${stale ? 'opacity-60' : ''}`}
    >
      <thead {...tableRoles.group}>
        <tr {...tableRoles.row}>
          <th
            {...tableRoles.columnheader}
            className="wide:w-0 wide:pr-0! wide:pl-5!"
            data-narrow="shown"
          >
            <SelectAll page={page} selection={selection} />
          </th>
          <th {...tableRoles.columnheader}>{text.columns.name}</th>
          <th {...tableRoles.columnheader}>{text.columns.externalId}</th>
          <th {...tableRoles.columnheader}>{text.columns.note}</th>
          <th {...tableRoles.columnheader}>{text.columns.updatedAt}</th>
        </tr>
      </thead>
      <tbody {...tableRoles.group}>
        {records.map((record) => {
          const isSelected = selection.ids.has(record.id);
          return (
            <tr
              {...tableRoles.row}
              className="max-wide:grid-cols-[1.5rem_minmax(0,1fr)]"
              data-selected={isSelected}
              key={record.id}
            >
              <td {...tableRoles.cell} className="max-wide:row-span-4 wide:pr-0! wide:pl-5!">
                <label className="-m-1 inline-grid size-7 cursor-pointer place-items-center align-middle">
                  <input
                    aria-label={text.select(record.name)}
                    checked={isSelected}
                    onChange={(event) =>
                      selection.toggle(record.id, event.target.checked, {
                        page,
                        isShift:
                          'shiftKey' in event.nativeEvent && event.nativeEvent.shiftKey === true,
                      })
                    }
                    type="checkbox"
                  />
                </label>
              </td>
              <td {...tableRoles.cell} className="font-[560]">
                {record.name}
              </td>
              <td {...tableRoles.cell} data-label={text.columns.externalId}>
                {record.externalId}
              </td>
              <td
                {...tableRoles.cell}
                className="text-ink-2 max-wide:empty:hidden wide:max-w-80 wide:truncate"
                data-label={text.columns.note}
                title={record.note ?? undefined}
              >
                {record.note}
              </td>
              <td
                {...tableRoles.cell}
                className="text-ink-2 wide:whitespace-nowrap"
                data-label={text.columns.updatedAt}
              >
                <time dateTime={record.updatedAt}>{formatShortDay(record.updatedAt)}</time>
              </td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}
