import type { Fault } from '@countersign/server/contract';
import type { ReactNode } from 'react';
import { recordsMessages } from '../messages-records.ts';

const MOST = 100;

/** What to correct in a file that was not imported, line by line. */
export function ImportFaults({ faults }: { readonly faults: readonly Fault[] }): ReactNode {
  const text = recordsMessages.import;
  const { length } = faults;
  return (
    <div className="grid gap-2">
      <p className="font-[560] text-danger" role="alert">
        {length < MOST ? text.refused(length) : text.refusedMany(length)}
      </p>
      <section
        aria-label={text.faults}
        className="max-h-64 overflow-auto rounded-lg border border-line"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard
        tabIndex={0}
      >
        <table aria-label={text.faults} className="data-table text-sm">
          <thead>
            <tr>
              <th scope="col">{text.columns.line}</th>
              <th scope="col">{text.columns.column}</th>
              <th scope="col">{text.columns.message}</th>
            </tr>
          </thead>
          <tbody>
            {faults.map((fault) => (
              <tr key={`${fault.line}:${fault.column}:${fault.path}:${fault.message}`}>
                <td>{fault.line ?? fault.path}</td>
                <td>{fault.column}</td>
                <td className="min-w-40">{fault.message}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </section>
    </div>
  );
}
