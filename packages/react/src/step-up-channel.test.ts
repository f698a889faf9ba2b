import { expect, test } from 'vitest';
import { announceReturn, awaitReturn, type StepUpChannel, stateOf } from './step-up-channel.ts';

type Listener = (event: { readonly data: unknown }) => void;

/** Pages of one origin: what one posts, all others hear, later, as a `BroadcastChannel` does. */
function airwaves() {
  const heard: unknown[] = [];
  const pages = new Set<Set<Listener>>();
  return {
    heard,
    open(): StepUpChannel {
      const listeners = new Set<Listener>();
      pages.add(listeners);
      return {
        postMessage(data) {
          heard.push(data);
          queueMicrotask(() => {
            for (const page of pages) {
              if (page !== listeners) for (const listener of page) listener({ data });
            }
          });
        },
        addEventListener: (_type, listener) => void listeners.add(listener),
        removeEventListener: (_type, listener) => void listeners.delete(listener),
      };
    },
  };
}

/** A pause that takes no time but lets messages arrive. */
const pause = () => new Promise<void>((resolve) => setTimeout(resolve, 0));
const returnUrl = 'https://portal.example/step-up/return?code=c&state=state-1';

test('an answer reaches the page that waits for its state, which acknowledges it', async () => {
  const air = airwaves();
  const answers: string[] = [];
  awaitReturn(air.open(), 'state-1', (answer) => answers.push(answer));
  await expect(announceReturn(air.open(), returnUrl, pause)).resolves.toBe('acknowledged');
  expect(answers).toEqual([returnUrl]);
});

test('only the page that knows the state takes the answer', async () => {
  const air = airwaves();
  const taken: string[] = [];
  awaitReturn(air.open(), 'state-2', () => taken.push('other'));
  awaitReturn(air.open(), 'state-1', () => taken.push('right'));
  await expect(announceReturn(air.open(), returnUrl, pause)).resolves.toBe('acknowledged');
  expect(taken).toEqual(['right']);
});

test('an answer nobody waits for is announced for a second and stays unclaimed', async () => {
  const air = airwaves();
  const pauses: number[] = [];
  const claim = await announceReturn(air.open(), returnUrl, async (milliseconds) => {
    pauses.push(milliseconds);
  });
  expect(claim).toBe('unclaimed');
  expect(pauses.reduce((sum, milliseconds) => sum + milliseconds, 0)).toBe(1_000);
});

test('a page slow to listen still gets the answer, and once', async () => {
  const air = airwaves();
  const channel = air.open();
  const answers: string[] = [];
  let pauses = 0;
  const claim = await announceReturn(air.open(), returnUrl, async () => {
    pauses += 1;
    if (pauses === 3) awaitReturn(channel, 'state-1', (answer) => answers.push(answer));
    await pause();
  });
  expect(claim).toBe('acknowledged');
  expect(answers).toEqual([returnUrl]);
});

test('an answer announced again is acknowledged again and handed on once', async () => {
  const air = airwaves();
  const answers: string[] = [];
  awaitReturn(air.open(), 'state-1', (answer) => answers.push(answer));
  const window = air.open();
  window.postMessage({ kind: 'returned', returnUrl });
  window.postMessage({ kind: 'returned', returnUrl });
  await pause();
  expect(answers).toEqual([returnUrl]);
  expect(air.heard).toContainEqual({ kind: 'acknowledged', state: 'state-1' });
  expect(air.heard).toHaveLength(4);
});

test('a page that stopped waiting takes nothing', async () => {
  const air = airwaves();
  const stop = awaitReturn(air.open(), 'state-1', () => expect.unreachable());
  stop();
  await expect(announceReturn(air.open(), returnUrl, pause)).resolves.toBe('unclaimed');
});

test('an acknowledgement for another state is not taken for one', async () => {
  const air = airwaves();
  const other = air.open();
  const claim = announceReturn(air.open(), returnUrl, async () => {
    other.postMessage({ kind: 'acknowledged', state: 'state-2' });
    await pause();
  });
  await expect(claim).resolves.toBe('unclaimed');
});

test.each([null, 'text', 7, {}, { kind: 'returned' }, { kind: 'returned', returnUrl: 1 }])(
  'a message that is none of ours is ignored: %j',
  async (message) => {
    const air = airwaves();
    awaitReturn(air.open(), 'state-1', () => expect.unreachable());
    air.open().postMessage(message);
    await pause();
    expect(air.heard).toEqual([message]);
  },
);

test.each([
  ['code=c', null],
  ['', null],
  ['state=', null],
  ['state=a&state=b', null],
  ['error=access_denied&state=a', 'a'],
  ['code=c&state=a%2Bb', 'a+b'],
])('the state of %j is %j', (query, state) => {
  expect(stateOf(`https://portal.example/step-up/return?${query}`)).toBe(state);
});

test('an answer without a state is not announced', async () => {
  const air = airwaves();
  const stateless = 'https://portal.example/step-up/return?code=c';
  await expect(announceReturn(air.open(), stateless, pause)).resolves.toBe('unclaimed');
  expect(air.heard).toEqual([]);
});
