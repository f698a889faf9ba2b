/** The channel between a page that waits for the identity provider and the window that came back. */
export const STEP_UP_CHANNEL = 'countersign-step-up';

/** What of `BroadcastChannel` the protocol needs: messages reach every other page of this origin. */
export interface StepUpChannel {
  postMessage(message: unknown): void;
  addEventListener(type: 'message', listener: (event: { readonly data: unknown }) => void): void;
  removeEventListener(type: 'message', listener: (event: { readonly data: unknown }) => void): void;
}

interface ReturnedMessage {
  readonly kind: 'returned';
  readonly returnUrl: string;
}

interface AcknowledgedMessage {
  readonly kind: 'acknowledged';
  readonly state: string;
}

/** How long the window that came back waits for a page that knows its state, in milliseconds. */
export const ACKNOWLEDGE_MS = 1_000;
const REPEAT_MS = 200;

/** The `state` in the address a provider sent back to; null unless there is exactly one. */
export function stateOf(returnUrl: string): string | null {
  const states = URL.parse(returnUrl)?.searchParams.getAll('state') ?? [];
  const [state = ''] = states;
  return states.length === 1 && state !== '' ? state : null;
}

/**
 * Waits for the answer that carries `state`: acknowledges it however often it is announced, and hands
 * its address on once. Answers to other pages are left to them. Returns how to stop waiting.
 */
export function awaitReturn(
  channel: StepUpChannel,
  state: string,
  onReturned: (returnUrl: string) => void,
): () => void {
  let isReturned = false;
  const listen = ({ data }: { readonly data: unknown }) => {
    if (!isReturnedMessage(data) || stateOf(data.returnUrl) !== state) return;
    channel.postMessage({ kind: 'acknowledged', state } satisfies AcknowledgedMessage);
    if (isReturned) return;
    isReturned = true;
    onReturned(data.returnUrl);
  };
  channel.addEventListener('message', listen);
  return () => channel.removeEventListener('message', listen);
}

/**
 * Announces a provider's answer to the page that waits for it. It is announced several times: a page
 * in the background may be slow to listen. Resolves to whether a page took it within a second.
 */
export async function announceReturn(
  channel: StepUpChannel,
  returnUrl: string,
  pause: (milliseconds: number) => Promise<void>,
): Promise<'acknowledged' | 'unclaimed'> {
  const state = stateOf(returnUrl);
  if (state === null) return 'unclaimed';
  let isAcknowledged = false;
  const { promise: acknowledged, resolve } = Promise.withResolvers<void>();
  const listen = ({ data }: { readonly data: unknown }) => {
    if (!isAcknowledgedMessage(data) || data.state !== state) return;
    isAcknowledged = true;
    resolve();
  };
  channel.addEventListener('message', listen);
  try {
    for (let waitedMs = 0; waitedMs < ACKNOWLEDGE_MS && !isAcknowledged; waitedMs += REPEAT_MS) {
      channel.postMessage({ kind: 'returned', returnUrl } satisfies ReturnedMessage);
      await Promise.race([acknowledged, pause(REPEAT_MS)]);
    }
  } finally {
    channel.removeEventListener('message', listen);
  }
  return isAcknowledged ? 'acknowledged' : 'unclaimed';
}

function isReturnedMessage(data: unknown): data is ReturnedMessage {
  const message = asRecord(data);
  return message['kind'] === 'returned' && typeof message['returnUrl'] === 'string';
}

function isAcknowledgedMessage(data: unknown): data is AcknowledgedMessage {
  const message = asRecord(data);
  return message['kind'] === 'acknowledged' && typeof message['state'] === 'string';
}

function asRecord(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}
