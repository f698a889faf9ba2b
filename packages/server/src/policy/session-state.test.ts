import { expect, test } from 'vitest';
import { decideSession } from './session-state.ts';

/** Every combination there is: assurance level or none, with or without an authenticator. */
const TABLE = [
  [null, false, 'none', 'no_assurance_record'],
  [null, true, 'none', 'no_assurance_record'],
  [1, false, 'active', 'sufficient'],
  [1, true, 'pending', 'below_own_level'],
  [2, false, 'active', 'sufficient'],
  [2, true, 'active', 'sufficient'],
] as const;

for (const [aal, hasAuthenticator, state, reason] of TABLE) {
  const has = hasAuthenticator ? 'with' : 'without';
  test(`CS-01: level ${aal} ${has} an authenticator is ${state}`, () => {
    expect(decideSession({ aal, hasAuthenticator })).toMatchObject({ state, reason });
  });
}

test('CS-01: a pending session needs the challenge', () => {
  expect(decideSession({ aal: 1, hasAuthenticator: true })).toMatchObject({ needs: ['challenge'] });
});

test('CS-01: a level that does not exist raises nobody', () => {
  for (const aal of [0, -1, 1.9]) {
    const { state } = decideSession({ aal, hasAuthenticator: true });
    expect([aal, state]).not.toEqual([aal, 'active']);
  }
});
