import { readStored, removeStored, type TabStorage } from './tab-storage.ts';

/** A call that somebody confirms, as it is known across a navigation. */
export interface InterruptedCall {
  readonly operation: string;
  /** The call's parameters as JSON; null when they are not to leave memory. */
  readonly paramsKey: string | null;
}

/** What is remembered of a confirmation while the person is away at the identity provider. */
export interface PendingRedirect extends InterruptedCall {
  readonly challengeId: string;
  /** Names this journey and no other; the provider gives it back. */
  readonly state: string;
  /** A path of this origin; to be parsed again before it is used. */
  readonly returnTo: string;
}

/** A confirmed call that waits, in its tab, to be taken up again. */
export interface Resumption extends InterruptedCall {
  /** Null where confirming opened a window. */
  readonly grant: string | null;
  /** Milliseconds since the epoch; from then on nothing is taken up. */
  readonly expiresAtMs: number;
}

const PENDING_KEY = 'countersign.redirect';
const RESUMPTION_KEY = 'countersign.resumption';

/** Longest time between coming back and taking up the call; a grant lives no longer either. */
const RESUME_MS = 60_000;

/**
 * Remembers a journey before it begins; an earlier one is forgotten.
 * @throws {DOMException} when the storage is full or denied
 */
export function storePendingRedirect(storage: TabStorage, pending: PendingRedirect): void {
  storage.setItem(PENDING_KEY, JSON.stringify(pending));
}

/** Takes the journey that `state` names, once; null when this tab began no such journey. */
export function takePendingRedirect(storage: TabStorage, state: string): PendingRedirect | null {
  const pending = readStored(storage, PENDING_KEY);
  if (!isPendingRedirect(pending) || pending.state !== state) return null;
  removeStored(storage, PENDING_KEY);
  return pending;
}

/** Forgets a journey that was not finished. */
export function forgetPendingRedirect(storage: TabStorage): void {
  removeStored(storage, PENDING_KEY);
}

/** Forgets every call that waits in this tab: whoever made it has gone. */
export function forgetStoredCalls(storage: TabStorage): void {
  removeStored(storage, PENDING_KEY);
  removeStored(storage, RESUMPTION_KEY);
}

/**
 * Keeps a confirmed call for the page that is returned to. The grant is the one secret this package
 * ever stores, because a navigation is the one thing memory does not survive. It is bearable: only
 * this origin in this tab reads it, the server takes it only from the session that confirmed and only
 * for exactly the act that was shown, once, and it dies after a minute. Script that could read it
 * here could as well perform the confirmed call.
 * @throws {DOMException} when the storage is full or denied
 */
export function storeResumption(
  storage: TabStorage,
  confirmed: Omit<Resumption, 'expiresAtMs'>,
  life: { readonly expiresAt: string; readonly now: Date },
): Resumption {
  const nowMs = life.now.getTime();
  const expiresAtMs = Math.min(Date.parse(life.expiresAt), nowMs + RESUME_MS);
  const resumption = { ...confirmed, expiresAtMs };
  storage.setItem(RESUMPTION_KEY, JSON.stringify(resumption));
  return resumption;
}

/**
 * Takes the call of `operation` that waits, and removes it before returning it, so that nothing is
 * taken up twice. `withParameters` says whether to look for one whose parameters were kept, which
 * goes on by itself, or for one that the person makes again.
 */
export function takeResumption(
  storage: TabStorage,
  wanted: { readonly operation: string; readonly withParameters: boolean; readonly now: Date },
): Resumption | null {
  const resumption = readStored(storage, RESUMPTION_KEY);
  if (!isResumption(resumption)) return null;
  const isOver = resumption.expiresAtMs <= wanted.now.getTime();
  const hasParameters = resumption.paramsKey !== null;
  const isWanted =
    resumption.operation === wanted.operation && hasParameters === wanted.withParameters;
  if (!isOver && !isWanted) return null;
  removeStored(storage, RESUMPTION_KEY);
  // A storage that keeps what it was told to remove would let the call be taken up again.
  return isOver || readStored(storage, RESUMPTION_KEY) !== null ? null : resumption;
}

function isPendingRedirect(value: unknown): value is PendingRedirect {
  if (!isRecord(value)) return false;
  const texts = [value['challengeId'], value['state'], value['returnTo'], value['operation']];
  return texts.every((text) => typeof text === 'string') && isTextOrNull(value['paramsKey']);
}

function isResumption(value: unknown): value is Resumption {
  if (!isRecord(value) || typeof value['operation'] !== 'string') return false;
  if (!Number.isFinite(value['expiresAtMs'])) return false;
  return isTextOrNull(value['paramsKey']) && isTextOrNull(value['grant']);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function isTextOrNull(value: unknown): boolean {
  return value === null || typeof value === 'string';
}
