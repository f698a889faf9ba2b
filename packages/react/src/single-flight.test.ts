import { expect, test } from 'vitest';
import { createSingleFlight } from './single-flight.ts';

test('a double click acts once and both clicks get the same result', async () => {
  const flights = createSingleFlight();
  let runs = 0;
  const work = async () => {
    runs += 1;
    return runs;
  };
  const [first, second] = await Promise.all([flights.run('k', work), flights.run('k', work)]);
  expect([runs, first, second]).toEqual([1, 1, 1]);
});

test('the same act can be asked for again once the first has ended', async () => {
  const flights = createSingleFlight();
  let runs = 0;
  const work = async () => {
    runs += 1;
  };
  await flights.run('k', work);
  await flights.run('k', work);
  expect(runs).toBe(2);
});

test('a failure ends the flight for both', async () => {
  const flights = createSingleFlight();
  const fail = () => Promise.reject(new Error('refused'));
  const [first, second] = await Promise.allSettled([
    flights.run('k', fail),
    flights.run('k', fail),
  ]);
  expect([first.status, second.status]).toEqual(['rejected', 'rejected']);
  await expect(flights.run('k', async () => 'again')).resolves.toBe('again');
});

test('other parameters are another act', async () => {
  const flights = createSingleFlight();
  const results = await Promise.all([
    flights.run('one', async () => 1),
    flights.run('two', async () => 2),
  ]);
  expect(results).toEqual([1, 2]);
});
