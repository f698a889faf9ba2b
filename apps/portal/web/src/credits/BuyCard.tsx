import type { FormEvent, ReactNode } from 'react';
import type { Price, Purchased } from '../api-credits.ts';
import { Button } from '../components/Button.tsx';
import { CardSection } from '../components/CardSection.tsx';
import { Notice } from '../components/Notice.tsx';
import { SelectField } from '../components/SelectField.tsx';
import { TextField } from '../components/TextField.tsx';
import { creditsMessages } from '../messages-credits.ts';
import { formatMinor, parseCredits } from './money.ts';
import { usePurchase } from './use-purchase.ts';

export interface BuyCardProps {
  readonly prices: readonly Price[];
  readonly onPurchased: (purchased: Purchased, credits: number) => void;
  /** The purchase turned out to be made already. */
  readonly onMadeBefore: () => void;
}

/** How many, in which currency, what it comes to. */
export function BuyCard({ prices, ...after }: BuyCardProps): ReactNode {
  const text = creditsMessages;
  const purchase = usePurchase(prices[0]?.currency ?? '', after);
  const price = prices.find((it) => it.currency === purchase.currency);
  const credits = parseCredits(purchase.amount);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    purchase.submit();
  };
  if (price === undefined) return null;
  return (
    <CardSection title={text.buy}>
      <form
        className="grid gap-5 border-line border-t px-5 py-5"
        method="post"
        noValidate
        onSubmit={submit}
        ref={purchase.form}
      >
        <div className="grid items-start gap-x-4 gap-y-5 sm:grid-cols-[minmax(0,1fr)_10rem]">
          <TextField
            autoComplete="off"
            error={purchase.faults.amount ?? null}
            hint={text.amountHint}
            inputMode="numeric"
            label={text.amount}
            onChange={purchase.setAmount}
            value={purchase.amount}
          />
          <SelectField
            label={text.currency}
            names={Object.fromEntries(prices.map((it) => [it.currency, it.currency]))}
            onChange={purchase.setCurrency}
            value={purchase.currency}
          />
        </div>
        <dl className="flex flex-wrap items-baseline justify-between gap-x-6 gap-y-1 rounded-xl bg-bg px-4 py-3">
          <dt className="font-[560]">
            {text.total}{' '}
            <span className="font-[400] text-ink-3 text-sm">
              {text.unit(formatMinor(price.unitMinor, price.currency))}
            </span>
          </dt>
          <dd aria-live="polite" className="font-[640] text-xl tabular-nums">
            {credits === null
              ? text.noTotal
              : formatMinor(credits * price.unitMinor, price.currency)}
          </dd>
        </dl>
        {purchase.error === null ? null : <Notice tone="danger">{purchase.error}</Notice>}
        <div className="flex flex-wrap items-center gap-x-4 gap-y-2">
          <Button busy={purchase.busy} tone="primary" type="submit">
            {purchase.busy ? text.busy : text.submit}
          </Button>
          <p className="text-ink-3 text-sm">{text.terms}</p>
        </div>
      </form>
    </CardSection>
  );
}
