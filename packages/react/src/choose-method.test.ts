import type { StepUpMethod } from '@countersign/server/contract';
import { expect, test } from 'vitest';
import { chooseMethod, firstChoice, otherMethods } from './choose-method.ts';

const methods: readonly StepUpMethod[] = ['passkey', 'totp', 'idp'];

test('the way the server put first is chosen, and the others are behind one press', () => {
  const choice = firstChoice(methods);
  expect(choice).toMatchObject({ chosen: 'passkey', isListed: false });
  expect(otherMethods(choice)).toEqual(['totp', 'idp']);
});

test('the others are listed and hidden again', () => {
  const listed = chooseMethod(firstChoice(methods), { kind: 'toggle' });
  expect(listed.isListed).toBe(true);
  expect(chooseMethod(listed, { kind: 'toggle' }).isListed).toBe(false);
});

test('choosing another way closes the list and keeps the order of the rest', () => {
  const listed = chooseMethod(firstChoice(methods), { kind: 'toggle' });
  const choice = chooseMethod(listed, { kind: 'choose', method: 'idp' });
  expect(choice).toMatchObject({ chosen: 'idp', isListed: false });
  expect(otherMethods(choice)).toEqual(['passkey', 'totp']);
});

test('a way the server did not offer cannot be chosen', () => {
  const choice = firstChoice(methods);
  expect(chooseMethod(choice, { kind: 'choose', method: 'email' })).toBe(choice);
});

test('a way that cannot be used here offers the others', () => {
  const choice = chooseMethod(firstChoice(methods), { kind: 'unavailable' });
  expect(choice).toMatchObject({ chosen: 'passkey', isListed: true });
});

test.each(['toggle', 'unavailable'] as const)('a single way lists no others: %s', (kind) => {
  expect(chooseMethod(firstChoice(['totp']), { kind }).isListed).toBe(false);
});

test('no way at all is no choice', () => {
  expect(firstChoice([])).toEqual({ methods: [], chosen: null, isListed: false });
});

test('a way named twice is offered once', () => {
  expect(otherMethods(firstChoice(['totp', 'idp', 'idp', 'totp']))).toEqual(['idp']);
});
