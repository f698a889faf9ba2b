import type { KnownDevice } from '@countersign/server/contract';
import { type ReactNode, useRef, useState } from 'react';
import { forgetDevice, listKnownDevices } from '../api-account.ts';
import { Delayed } from '../components/Delayed.tsx';
import { Notice } from '../components/Notice.tsx';
import { formatAge } from '../dates.ts';
import { deviceName } from '../device-name.ts';
import { explainError } from '../explain-error.ts';
import { securityMessages } from '../messages-security.ts';
import { useLoad } from '../use-load.ts';
import { useNow } from '../use-now.ts';
import { DevicesTable } from './DevicesTable.tsx';

/** Browsers the person is known on, and the way to have one forgotten. */
export function KnownDevicesCard(): ReactNode {
  const text = securityMessages.security;
  const devices = useLoad('known-devices', listKnownDevices);
  const [forgetting, setForgetting] = useState<string | null>(null);
  const [said, setSaid] = useState<{ tone: 'ok' | 'danger'; text: string } | null>(null);
  const now = useNow();
  const heading = useRef<HTMLHeadingElement>(null);

  const forget = async ({ id, userAgent }: KnownDevice) => {
    if (forgetting !== null) return;
    setForgetting(id);
    setSaid(null);
    const device = deviceName(userAgent);
    try {
      await forgetDevice(id);
      setSaid({ tone: 'ok', text: text.forgotten(device) });
      heading.current?.focus();
    } catch {
      setSaid({ tone: 'danger', text: text.forgetFailed(device) });
    } finally {
      setForgetting(null);
      devices.reload();
    }
  };

  return (
    <section aria-labelledby="known-devices" className="card">
      <div className="px-5 py-4">
        <h2 className="font-[620] text-[1.0625rem]" id="known-devices" ref={heading} tabIndex={-1}>
          {text.devices}
        </h2>
        <p className="max-w-[75ch] text-ink-2 text-sm">{text.devicesIntro}</p>
      </div>
      {said === null ? null : (
        <Notice className="mx-5 mb-4" tone={said.tone}>
          {said.text}
        </Notice>
      )}
      {devices.error === null ? null : (
        <Notice className="mx-5 mb-5" tone="danger">
          {explainError(devices.error)}
        </Notice>
      )}
      {devices.data === null && devices.error === null ? <Delayed /> : null}
      {devices.data?.length === 0 ? (
        <p className="px-5 pb-4 text-ink-2">{text.devicesNone}</p>
      ) : null}
      {devices.data === null || devices.data.length === 0 ? null : (
        <DevicesTable
          action={{
            text: text.forget,
            label: text.forgetLabel,
            busyWith: forgetting,
            isOffered: () => true,
            run: (device) => void forget(device),
          }}
          facts={[
            { column: text.columns.used, of: ({ lastUsedAt }) => formatAge(lastUsedAt, now) },
          ]}
          label={text.devices}
          rows={devices.data}
        />
      )}
    </section>
  );
}
