import type { Session } from '@countersign/server/contract';

export type ChallengeWay = 'app' | 'passkey' | 'recovery';

const BY_METHOD = {
  totp: 'app',
  passkey: 'passkey',
  'recovery-code': 'recovery',
} as const satisfies Record<Session['methods'][number], ChallengeWay>;

const FIRST_TO_LAST = ['app', 'passkey', 'recovery'] as const;

/**
 * What may answer the challenge, the first to offer first. When nothing is known (the sign-in ran
 * out, or could not be read) a code and a recovery code are offered, and refused if they must be.
 */
export function challengeWays(methods: Session['methods']): readonly ChallengeWay[] {
  if (methods.length === 0) return ['app', 'recovery'];
  const offered = new Set<ChallengeWay>(methods.map((method) => BY_METHOD[method]));
  return FIRST_TO_LAST.filter((way) => offered.has(way));
}
