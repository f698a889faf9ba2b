import type { AssertionResponse } from '../contract/index.ts';
import { type RelyingParty, verifyAssertion } from '../factors/passkey.ts';
import { laneOf } from './known-device.ts';
import type { Passkey } from './passkey-ports.ts';
import type { RequestSource, Unit } from './ports.ts';
import { sourceFields } from './sign-in.ts';
import { type CodeRefusal, countFailure, refuseByBudget } from './verify-totp.ts';

/**
 * Checks one assertion of one of the person's passkeys, within that passkey's budget, and records its
 * use. The caller must have taken the challenge already, so that it is answered at most once.
 */
export async function verifyPasskey(
  unit: Unit,
  options: {
    readonly userId: string;
    readonly response: AssertionResponse;
    readonly expectedChallenge: string;
    readonly relyingParty: RelyingParty;
    readonly source: RequestSource;
  },
): Promise<{ readonly kind: 'accepted'; readonly passkey: Passkey } | CodeRefusal> {
  const passkey = await unit.passkeys.lock(options.userId, options.response.id);
  if (passkey === null) return { kind: 'rejected', reason: 'no_authenticator' };
  return judgePasskey(unit, { ...options, passkey, isUserHandleRequired: false });
}

/** As {@link verifyPasskey}, for a passkey that was found and locked already. */
export async function judgePasskey(
  unit: Unit,
  options: {
    readonly passkey: Passkey;
    /** Whether it was found by its id alone: then the answer itself must name its person. */
    readonly isUserHandleRequired: boolean;
    readonly response: AssertionResponse;
    readonly expectedChallenge: string;
    readonly relyingParty: RelyingParty;
    readonly source: RequestSource;
  },
): Promise<{ readonly kind: 'accepted'; readonly passkey: Passkey } | CodeRefusal> {
  const { passkey, source } = options;
  const { userId } = passkey;
  const subject = `passkey:${passkey.id}`;
  const lane = await laneOf(unit, userId, source);
  const blocked = await refuseByBudget(unit, subject, lane);
  if (blocked !== null) return blocked;
  const result = await verifyAssertion({ ...options, expectedUserHandle: passkey.userHandle });
  if (result.kind === 'rejected') {
    await countFailure(unit, { subject, lane, userId, source });
    if (result.reason === 'sign_count') await recordRegression(unit, { passkey, source });
    return result;
  }
  const { signCount, isBackedUp } = result;
  await unit.passkeys.use(passkey.id, { signCount, isBackedUp, now: unit.now });
  await unit.budgets.reset(subject, lane);
  return { kind: 'accepted', passkey };
}

async function recordRegression(
  unit: Unit,
  { passkey, source }: { passkey: Passkey; source: RequestSource },
): Promise<void> {
  await unit.record({
    event: 'authenticator.sign-count-regressed',
    outcome: 'denied',
    actorId: passkey.userId,
    tenantId: await unit.people.firstTenant(passkey.userId),
    requestId: source.requestId,
    methods: ['pop'],
    details: { authenticatorId: passkey.id, storedCount: passkey.signCount },
    personal: sourceFields(source),
  });
}
