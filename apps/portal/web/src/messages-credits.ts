const numbers = new Intl.NumberFormat();
const credits = (count: number) => (count === 1 ? '1 credit' : `${numbers.format(count)} credits`);

/** The texts of the credits screen. */
export const creditsMessages = {
  title: 'Credits',
  intro: (tenant: string) =>
    `What ${tenant} has left for its programs, and what was bought and spent.`,
  balance: 'Balance',
  buy: 'Buy credits',
  amount: 'How many credits',
  amountHint: `A whole number from ${numbers.format(100)} to ${numbers.format(1_000_000)}.`,
  amountMissing: `Enter a whole number from ${numbers.format(100)} to ${numbers.format(1_000_000)}, without a point or comma.`,
  amountRefused: 'So many credits cannot be bought at once. Enter another number.',
  currency: 'Currency',
  unit: (price: string) => `${price} a credit`,
  total: 'Total',
  noTotal: '–',
  terms: 'You get an invoice; nothing is charged now.',
  submit: 'Buy credits',
  busy: 'Buying…',
  lost: "We lost the connection and don't know whether the credits were bought. Press “Buy credits” again: the same purchase is never made twice.",
  conflict:
    'This purchase was made already, so nothing was bought a second time. The ledger shows it.',
  consumed: 'This confirmation was already used for something else. Nothing more was bought.',
  done: (count: number) => `${credits(count)} bought`,
  invoice: 'Invoice',
  amountDue: 'Amount',
  due: 'Due',
  ledger: 'Ledger',
  columns: {
    at: 'When',
    kind: 'What',
    credits: 'Credits',
    balance: 'Balance after',
    reference: 'Reference',
  },
  kinds: { purchase: 'Bought', spend: 'Spent' },
  none: 'None',
  emptyTitle: 'Nothing bought or spent yet',
  emptyBody: 'Programs with an API key spend credits when they add records.',
  pages: 'Pages of the ledger',
  previous: 'Previous',
  next: 'Next',
} as const;
