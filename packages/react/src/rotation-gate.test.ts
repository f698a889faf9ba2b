import { expect, test } from 'vitest';
import { createRotationGate } from './rotation-gate.ts';

function deferred() {
  let resolve: () => void = () => undefined;
  const promise = new Promise<void>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}

test('a rotation waits for the requests already under way', async () => {
  const gate = createRotationGate();
  const order: string[] = [];
  const slow = deferred();
  const shared = gate.share(async () => {
    await slow.promise;
    order.push('shared');
  });
  const rotated = gate.rotate(async () => {
    order.push('rotated');
  });
  slow.resolve();
  await Promise.all([shared, rotated]);
  expect(order).toEqual(['shared', 'rotated']);
});

test('a request that comes during a rotation waits for its end', async () => {
  const gate = createRotationGate();
  const order: string[] = [];
  const cookie = deferred();
  const rotated = gate.rotate(async () => {
    await cookie.promise;
    order.push('rotated');
  });
  const shared = gate.share(async () => {
    order.push('shared');
  });
  cookie.resolve();
  await Promise.all([shared, rotated]);
  expect(order).toEqual(['rotated', 'shared']);
});

test('a rotation that fails lets the next request through', async () => {
  const gate = createRotationGate();
  await expect(gate.rotate(() => Promise.reject(new Error('refused')))).rejects.toThrow('refused');
  await expect(gate.share(async () => 'through')).resolves.toBe('through');
});

test('requests of the shared kind run beside each other', async () => {
  const gate = createRotationGate();
  const first = deferred();
  const one = gate.share(() => first.promise);
  await expect(gate.share(async () => 'second')).resolves.toBe('second');
  first.resolve();
  await one;
});
