import { z } from 'zod';

const journeySchema = z.object({
  state: z.string(),
  purpose: z.enum(['sign-in', 'link']),
  next: z.string(),
});

export type Journey = z.infer<typeof journeySchema>;

const KEY = 'countersign-provider-journey';

/** Remembers in this tab what a journey to the organisation's sign-in is for. It proves nothing. */
export function rememberJourney(journey: Journey): void {
  sessionStorage.setItem(KEY, JSON.stringify(journey));
}

/** What this tab's journey of this state was for, once; null when another began it. */
export function takeJourney(returnUrl: string): Journey | null {
  const kept = sessionStorage.getItem(KEY);
  sessionStorage.removeItem(KEY);
  const parsed = journeySchema.safeParse(parseJson(kept ?? ''));
  const state = new URL(returnUrl).searchParams.get('state');
  return parsed.success && parsed.data.state === state ? parsed.data : null;
}

/** Leaves for the provider; an address that is none of the web's goes nowhere. */
export function leaveFor(url: string): void {
  if (!/^https?:$/u.test(new URL(url).protocol)) throw new TypeError('not an address of the web');
  globalThis.location.assign(url);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
