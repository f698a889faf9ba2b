import type { AssertionResponse } from '../contract/index.ts';
import { passkeyRequestOptions, type RelyingParty } from '../factors/passkey.ts';
import { firstFactorsOf } from '../policy/first-factor.ts';
import type {
  AuthenticationSession,
  PendingSignIn,
  Randomness,
  RequestSource,
  Unit,
} from './ports.ts';
import { bearerHash, PENDING_SECONDS, refuseChallenge } from './sign-in.ts';
import { verifyPasskey } from './verify-passkey.ts';
import type { CodeRefusal } from './verify-totp.ts';

/** Opens the challenge again for a session that has fallen below its person's level; false when it is over. */
export async function reopenChallenge(
  unit: Unit,
  { session, token }: { readonly session: AuthenticationSession; readonly token: string },
): Promise<boolean> {
  await unit.people.lock(session.userId, 'to sign in');
  if ((await unit.sessions.lock(session.sid)) === null) return false;
  await unit.pendingSignIns.open({
    tokenHash: bearerHash(token),
    userId: session.userId,
    methods: firstFactorsOf(session.methods),
    // What a tenant's provider vouched for opens that tenant again, and no other.
    tenantId: session.methods.includes('idp') ? session.tenantId : null,
    now: unit.now,
    expiresAt: new Date(unit.now.getTime() + PENDING_SECONDS * 1000),
  });
  return true;
}

/** WebAuthn request options for an unfinished sign-in; null when there is none, or no passkey. */
export async function offerChallengePasskey(
  unit: Unit,
  options: {
    readonly token: string | null;
    readonly relyingParty: RelyingParty;
    readonly random: Randomness;
  },
) {
  const { token, relyingParty, random } = options;
  if (token === null) return null;
  const pending = await unit.pendingSignIns.lock(bearerHash(token), unit.now);
  if (pending === null) return null;
  const known = await unit.passkeys.list(pending.userId);
  if (known.length === 0) return null;
  const challenge = random.bytes(32);
  await unit.passkeys.challengeSignIn(pending.id, Buffer.from(challenge).toString('base64url'));
  return passkeyRequestOptions({ relyingParty, challenge, known });
}

/** Answers a challenge with a passkey; its WebAuthn challenge is taken once, whatever comes of it. */
export async function answerChallengeWithPasskey(
  unit: Unit,
  options: {
    readonly token: string;
    readonly response: AssertionResponse;
    readonly relyingParty: RelyingParty;
    readonly source: RequestSource;
  },
): Promise<
  | { readonly kind: 'passed'; readonly pending: PendingSignIn }
  | { readonly kind: 'no_challenge' }
  | CodeRefusal
> {
  const { response, relyingParty, source } = options;
  const pending = await unit.pendingSignIns.lock(bearerHash(options.token), unit.now);
  if (pending === null) return { kind: 'no_challenge' };
  const { userId } = pending;
  const expectedChallenge = await unit.passkeys.takeSignIn(pending.id);
  const result =
    expectedChallenge === null
      ? ({ kind: 'rejected', reason: 'not_begun' } as const)
      : await verifyPasskey(unit, { userId, response, expectedChallenge, relyingParty, source });
  if (result.kind !== 'accepted') {
    return refuseChallenge(unit, { pending, result, source, method: 'pop' });
  }
  const isDone = await unit.pendingSignIns.complete(pending.id, unit.now);
  return isDone ? { kind: 'passed', pending } : { kind: 'no_challenge' };
}
