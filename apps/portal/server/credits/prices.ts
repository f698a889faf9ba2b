/** What one credit costs, in hundredths of each currency it can be billed in. */
const UNIT_MINOR = { EUR: 9, USD: 10, GBP: 8 } as const;

export type Currency = keyof typeof UNIT_MINOR;

export const CURRENCIES = Object.keys(UNIT_MINOR) as [Currency, ...Currency[]];

export const PRICES = CURRENCIES.map((currency) => ({ currency, unitMinor: UNIT_MINOR[currency] }));

/** The price of so many credits, in hundredths of the currency. */
export function priceMinor(credits: number, currency: Currency): number {
  return credits * UNIT_MINOR[currency];
}

/** In one locale for everyone: the text is part of what a person confirms and of its hash. */
export function formatPrice(amountMinor: number, currency: Currency): string {
  return new Intl.NumberFormat('en', { style: 'currency', currency }).format(amountMinor / 100);
}
