import { useSession } from '@countersign/react';
import type { ReactNode } from 'react';
import { type Purchased, readCredits } from '../api-credits.ts';
import { Delayed } from '../components/Delayed.tsx';
import { LoadFault } from '../components/LoadFault.tsx';
import { PageHeading } from '../components/PageHeading.tsx';
import { BuyCard } from '../credits/BuyCard.tsx';
import { LedgerCard } from '../credits/LedgerCard.tsx';
import { formatMinor } from '../credits/money.ts';
import { formatDay } from '../dates.ts';
import { messages } from '../messages.ts';
import { creditsMessages } from '../messages-credits.ts';
import { useCursors } from '../use-cursors.ts';
import { useLoad } from '../use-load.ts';
import { useOutcome } from '../use-outcome.tsx';

export function CreditsPage(): ReactNode {
  const text = creditsMessages;
  const { session } = useSession();
  const cursors = useCursors();
  const outcome = useOutcome();
  const page = useLoad(cursors.current ?? '', (signal) => readCredits(cursors.current, signal));
  const purchased = ({ invoice, receipt }: Purchased, credits: number) => {
    outcome.show({
      title: text.done(credits),
      receipt,
      facts: [
        { label: text.invoice, value: invoice.number },
        { label: text.amountDue, value: formatMinor(invoice.amountMinor, invoice.currency) },
        { label: text.due, value: formatDay(invoice.dueAt) },
      ],
    });
    cursors.reset();
    page.reload();
  };
  const { data } = page;
  return (
    <>
      <PageHeading title={text.title}>
        {text.intro(session?.tenant?.name ?? messages.product)}
      </PageHeading>
      {outcome.panel}
      <LoadFault loaded={page} />
      {data === null && page.error === null ? (
        <div className="card min-h-96">
          <Delayed />
        </div>
      ) : null}
      {data === null ? null : (
        <>
          <div className="grid items-start gap-5 md:grid-cols-[16rem_minmax(0,1fr)]">
            <section aria-labelledby="balance" className="card px-5 py-4">
              <h2 className="text-ink-3" id="balance">
                {text.balance}
              </h2>
              <p className="font-[640] text-[2rem] leading-tight tracking-[-0.02em] tabular-nums">
                {messages.number(data.balance)}
              </p>
            </section>
            <BuyCard onMadeBefore={page.reload} onPurchased={purchased} prices={data.prices} />
          </div>
          <LedgerCard busy={page.busy} cursors={cursors} page={data} />
        </>
      )}
    </>
  );
}
