import { CountersignError, useDraft, useProtected } from '@countersign/react';
import { useRef } from 'react';
import { type Purchased, type PurchaseParams, purchaseCredits } from '../api-credits.ts';
import { explainError } from '../explain-error.ts';
import { creditsMessages } from '../messages-credits.ts';
import { useAction } from '../use-action.ts';
import { type Faults, useFaults } from '../use-faults.ts';
import { parseCredits } from './money.ts';

export interface Purchase {
  readonly amount: string;
  readonly currency: string;
  readonly faults: Faults<'amount'>;
  readonly form: ReturnType<typeof useFaults>['form'];
  readonly busy: boolean;
  readonly error: string | null;
  setAmount(amount: string): void;
  setCurrency(currency: string): void;
  submit(): void;
}

/** The form that buys credits. One submission has one key, so that trying again never buys twice. */
export function usePurchase(
  firstCurrency: string,
  after: {
    readonly onPurchased: (purchased: Purchased, credits: number) => void;
    /** The purchase turned out to be made already, by an earlier press whose answer was lost. */
    readonly onMadeBefore: () => void;
  },
): Purchase {
  const text = creditsMessages;
  const [amount, setAmount] = useDraft('credits-amount', '');
  const [chosen, setCurrency] = useDraft('credits-currency', '');
  const currency = chosen === '' ? firstCurrency : chosen;
  const submission = useRef<PurchaseParams | null>(null);
  const { form, faults, report } = useFaults<'amount'>();

  const finish = (purchased: Purchased, credits: number) => {
    submission.current = null;
    setAmount('');
    after.onPurchased(purchased, credits);
  };
  const buy = useProtected('credits.purchase', purchaseCredits, {
    onResumed: (purchased, params) => finish(purchased, params.credits),
  });
  const action = useAction(async (params: PurchaseParams) => {
    try {
      finish(await buy(params), params.credits);
    } catch (cause) {
      const code = cause instanceof CountersignError ? cause.code : null;
      if (code === 'conflict' || code === 'grant_consumed') {
        submission.current = null;
        after.onMadeBefore();
      }
      if (code !== 'parameters_invalid') throw cause;
      submission.current = null;
      report({ amount: text.amountRefused });
    }
  });
  const submit = () => {
    action.forget();
    const credits = parseCredits(amount);
    if (report(credits === null ? { amount: text.amountMissing } : {}) || credits === null) return;
    submission.current = paramsOf(submission.current, { credits, currency });
    action.run(submission.current);
  };
  const own = { network: text.lost, conflict: text.conflict, grant_consumed: text.consumed };
  const error = action.error === null ? null : explainError(action.error, own);
  return {
    amount,
    currency,
    faults,
    form,
    busy: action.busy,
    error,
    setAmount,
    setCurrency,
    submit,
  };
}

/** The same submission while what it asks for is the same; otherwise a new one, with a new key. */
function paramsOf(
  last: PurchaseParams | null,
  asked: Pick<PurchaseParams, 'credits' | 'currency'>,
): PurchaseParams {
  if (last?.credits === asked.credits && last.currency === asked.currency) return last;
  return { ...asked, idempotencyKey: crypto.randomUUID() };
}
