import type { AssertionResponse } from '../contract/index.ts';
import { challengeNamed, passkeyRequestOptions, type RelyingParty } from '../factors/passkey.ts';
import type { Passkey } from './passkey-ports.ts';
import type { Randomness, RequestSource, Unit } from './ports.ts';
import { bearerHash, refuseChallenge, sourceFields } from './sign-in.ts';
import { judgePasskey } from './verify-passkey.ts';
import type { CodeRefusal } from './verify-totp.ts';
import { PASSKEY_OFFERS_PER_MINUTE } from './window-limits.ts';

/** Seconds from being asked for a passkey to its answer. */
export const OFFER_SECONDS = 300;

/**
 * WebAuthn request options for whoever opens the sign-in page, and the bearer value that binds their
 * browser; null when its source has been given too many this minute.
 */
export async function offerPasskeyFirst(
  unit: Unit,
  options: {
    /** The bearer value the browser holds, which its other pages may be waiting with. */
    readonly held: string | null;
    /** Addresses that count as one. */
    readonly sourceKey: string;
    readonly relyingParty: RelyingParty;
    readonly random: Randomness;
  },
) {
  const { held, sourceKey, relyingParty, random } = options;
  const window = { key: sourceKey, kind: 'passkey-offer', per: 'minute' } as const;
  const count = await unit.windows.count({ ...window, atMost: PASSKEY_OFFERS_PER_MINUTE });
  if (count === null) return null;
  // Only a value of ours binds: one that was planted would be known to whoever planted it.
  const isOurs = held !== null && (await unit.passkeySignIns.isOpen(bearerHash(held), unit.now));
  const browser = isOurs ? held : Buffer.from(random.bytes(32)).toString('base64url');
  const challenge = random.bytes(32);
  await unit.passkeySignIns.open({
    browserHash: bearerHash(browser),
    challenge: Buffer.from(challenge).toString('base64url'),
    expiresAt: new Date(unit.now.getTime() + OFFER_SECONDS * 1000),
  });
  return { browser, options: await passkeyRequestOptions({ relyingParty, challenge, known: [] }) };
}

/**
 * Signs in with a passkey and nothing before it. The challenge must have been given to this browser for
 * this, and is taken once, whatever comes of it; the credential says who it is. Only a passkey that
 * verified its person is two factors: one that did not is refused here, though it may sign rightly.
 */
export async function answerPasskeyFirst(
  unit: Unit,
  options: {
    readonly browser: string | null;
    /** Null when it could not be read. */
    readonly response: AssertionResponse | null;
    readonly relyingParty: RelyingParty;
    readonly source: RequestSource;
  },
): Promise<{ readonly kind: 'accepted'; readonly passkey: Passkey } | CodeRefusal> {
  const { browser, response, relyingParty, source } = options;
  if (response === null) return refuseUnknown(unit, source, 'malformed');
  const challenge = challengeNamed(response);
  const isTaken =
    browser !== null &&
    challenge !== null &&
    (await unit.passkeySignIns.take(bearerHash(browser), challenge, unit.now));
  if (!isTaken) return refuseUnknown(unit, source, 'not_begun');
  const passkey = await unit.passkeys.lockAnyones(response.id);
  if (passkey === null) return refuseUnknown(unit, source, 'unknown_credential');
  const result = await judgePasskey(unit, {
    passkey,
    isUserHandleRequired: true,
    response,
    expectedChallenge: challenge,
    relyingParty,
    source,
  });
  if (result.kind === 'accepted') return result;
  const pending = { userId: passkey.userId, tenantId: null, methods: [] };
  return refuseChallenge(unit, { pending, result, source, method: 'pop' });
}

/** What an unknown caller sent stays out of the entry: only where it came from is kept. */
async function refuseUnknown(
  unit: Unit,
  source: RequestSource,
  reason: 'malformed' | 'not_begun' | 'unknown_credential',
): Promise<CodeRefusal> {
  await unit.record({
    event: 'sign-in.failed',
    outcome: 'failure',
    methods: ['pop'],
    requestId: source.requestId,
    reason,
    personal: sourceFields(source),
  });
  return { kind: 'rejected', reason };
}
