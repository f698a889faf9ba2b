/** How many credits one purchase may be for; the server's rule too. */
const FEWEST = 100;
const MOST = 1_000_000;

/** How many credits were typed: a whole number, spaces aside; null when it is none that can be bought. */
export function parseCredits(typed: string): number | null {
  const digits = typed.replaceAll(/\s/gu, '');
  if (!/^\d{1,10}$/u.test(digits)) return null;
  const credits = Number(digits);
  return credits >= FEWEST && credits <= MOST ? credits : null;
}

/** An amount in a currency's smallest unit, written by locale: 1250 of EUR is "€12.50". */
export function formatMinor(amountMinor: number, currency: string): string {
  const format = new Intl.NumberFormat(undefined, { style: 'currency', currency });
  const digits = format.resolvedOptions().maximumFractionDigits ?? 2;
  return format.format(amountMinor / 10 ** digits);
}

/** Credits gained or spent, with their sign: "+500", "−12". */
export function formatSigned(credits: number): string {
  return new Intl.NumberFormat(undefined, { signDisplay: 'exceptZero' }).format(credits);
}
