import type { KnownDevice } from '@countersign/server/contract';
import type { ReactNode } from 'react';
import { Button } from '../components/Button.tsx';
import { Pill } from '../components/Pill.tsx';
import { formatAge } from '../dates.ts';
import { deviceName } from '../device-name.ts';
import { securityMessages } from '../messages-security.ts';
import { tableRoles } from '../table-roles.ts';
import { useNow } from '../use-now.ts';

export interface KnownDevicesTableProps {
  readonly devices: readonly KnownDevice[];
  readonly forgetting: string | null;
  readonly onForget: (device: KnownDevice) => void;
}

export function KnownDevicesTable(props: KnownDevicesTableProps): ReactNode {
  const { devices, forgetting, onForget } = props;
  const text = securityMessages.security;
  const columns = text.devicesColumns;
  const now = useNow();
  return (
    <table
      {...tableRoles.table}
      aria-labelledby="known-devices"
      className="data-table stacked border-line border-t"
    >
      <thead {...tableRoles.group}>
        <tr {...tableRoles.row}>
          <th {...tableRoles.columnheader} className="pl-5!">
            {columns.device}
          </th>
          <th {...tableRoles.columnheader}>{columns.address}</th>
          <th {...tableRoles.columnheader}>{columns.used}</th>
          <th {...tableRoles.columnheader}>
            <span className="cs-sr-only">{text.actions}</span>
          </th>
        </tr>
      </thead>
      <tbody {...tableRoles.group}>
        {devices.map((device) => {
          const name = deviceName(device.userAgent);
          return (
            <tr {...tableRoles.row} key={device.id}>
              <td {...tableRoles.cell} className="wide:pl-5!">
                <span className="flex flex-wrap items-center gap-x-2.5 gap-y-1 font-[560]">
                  {name}
                  {device.current ? <Pill tone="mute">{text.thisOne}</Pill> : null}
                </span>
              </td>
              <td {...tableRoles.cell} data-label={columns.address}>
                {device.address}
              </td>
              <td {...tableRoles.cell} data-label={columns.used}>
                {formatAge(device.lastUsedAt, now)}
              </td>
              <td {...tableRoles.cell} className="wide:py-1.5! wide:text-right">
                <Button
                  aria-label={text.forgetLabel(name, device.address)}
                  busy={forgetting === device.id}
                  className="max-wide:mt-2 wide:border-transparent! wide:text-accent!"
                  onClick={() => onForget(device)}
                >
                  {text.forget}
                </Button>
              </td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}
