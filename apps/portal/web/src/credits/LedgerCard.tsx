import type { ReactNode } from 'react';
import type { CreditsPage, LedgerEntry } from '../api-credits.ts';
import { CardSection } from '../components/CardSection.tsx';
import { CursorPager } from '../components/CursorPager.tsx';
import { formatMoment } from '../dates.ts';
import { messages } from '../messages.ts';
import { creditsMessages } from '../messages-credits.ts';
import { tableRoles } from '../table-roles.ts';
import type { Cursors } from '../use-cursors.ts';
import { useDelayed } from '../use-delayed.ts';
import { formatSigned } from './money.ts';

export interface LedgerCardProps {
  readonly page: CreditsPage;
  readonly busy: boolean;
  readonly cursors: Cursors;
}

const kinds: Readonly<Record<string, string>> = creditsMessages.kinds;

/** What was bought and spent, newest first. */
export function LedgerCard({ page, busy, cursors }: LedgerCardProps): ReactNode {
  const text = creditsMessages;
  const stale = useDelayed(busy);
  const { entries, nextCursor } = page;
  return (
    <>
      <CardSection title={text.ledger}>
        {entries.length === 0 ? (
          <div className="grid justify-items-center gap-1 border-line border-t px-6 py-12 text-center">
            <p className="font-[620]">{text.emptyTitle}</p>
            <p className="text-ink-2">{text.emptyBody}</p>
          </div>
        ) : (
          <LedgerTable entries={entries} stale={stale} />
        )}
      </CardSection>
      <CursorPager
        busy={busy}
        cursors={cursors}
        label={text.pages}
        nextCursor={nextCursor}
        nextLabel={text.next}
        previousLabel={text.previous}
      />
    </>
  );
}

interface LedgerTableProps {
  readonly entries: readonly LedgerEntry[];
  readonly stale: boolean;
}

function LedgerTable({ entries, stale }: LedgerTableProps): ReactNode {
  const { columns, ledger, none } = creditsMessages;
  return (
    <table
      {...tableRoles.table}
      aria-busy={stale}
      aria-label={ledger}
      className={`data-table stacked border-line border-t ${stale ? 'opacity-60' : ''}`}
    >
      <thead {...tableRoles.group}>
        <tr {...tableRoles.row}>
          <th {...tableRoles.columnheader} className="pl-5!">
            {columns.at}
          </th>
          <th {...tableRoles.columnheader}>{columns.kind}</th>
          <th {...tableRoles.columnheader} className="text-end!">
            {columns.credits}
          </th>
          <th {...tableRoles.columnheader} className="text-end!">
            {columns.balance}
          </th>
          <th {...tableRoles.columnheader}>{columns.reference}</th>
        </tr>
      </thead>
      <tbody {...tableRoles.group}>
        {entries.map((entry) => (
          <tr {...tableRoles.row} key={entry.id}>
            <td {...tableRoles.cell} className="wide:pl-5!" data-label={columns.at}>
              <time dateTime={entry.at}>{formatMoment(entry.at)}</time>
            </td>
            <td {...tableRoles.cell} className="font-[560]" data-label={columns.kind}>
              {kinds[entry.kind] ?? entry.kind}
            </td>
            <td
              {...tableRoles.cell}
              className="tabular-nums wide:text-end"
              data-label={columns.credits}
            >
              {formatSigned(entry.credits)}
            </td>
            <td
              {...tableRoles.cell}
              className="tabular-nums wide:text-end"
              data-label={columns.balance}
            >
              {messages.number(entry.balanceAfter)}
            </td>
            <td
              {...tableRoles.cell}
              className="text-ink-2 [overflow-wrap:anywhere]"
              data-label={columns.reference}
            >
              {entry.reference ?? none}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
