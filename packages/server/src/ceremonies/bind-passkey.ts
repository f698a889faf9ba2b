import { keyThumbprint } from '@countersign/log';
import type { RegistrationResponse } from '../contract/index.ts';
import { type RelyingParty, verifyRegistration } from '../factors/passkey.ts';
import { forgetDevices } from './known-device.ts';
import { notices } from './notices.ts';
import type { Passkey } from './passkey-ports.ts';
import type { AuthenticationSession, Randomness, RequestSource, Unit } from './ports.ts';
import { issueRecoveryCodes, type RecoveryCodeSet } from './recovery-codes.ts';
import { sourceFields } from './sign-in.ts';
import { SessionGoneError } from './step-up-ports.ts';

export type PasskeyBinding =
  | {
      readonly kind: 'bound';
      readonly passkey: Passkey;
      readonly newToken: string;
      /** Whether the offered recovery codes were issued: only with a person's first authenticator. */
      readonly areCodesIssued: boolean;
    }
  | { readonly kind: 'not_started' | 'rejected' | 'known' };

/**
 * Finishes the enrolment of a passkey, begun and confirmed in this very session. The session's cookie
 * is replaced; its level becomes that of the new authenticator, whose key it just proved to hold.
 */
export async function bindPasskey(
  unit: Unit,
  options: {
    readonly id: string;
    readonly response: RegistrationResponse;
    readonly session: AuthenticationSession;
    readonly token: string;
    readonly relyingParty: RelyingParty;
    readonly random: Randomness;
    readonly codes: RecoveryCodeSet;
    readonly source: RequestSource;
  },
): Promise<PasskeyBinding> {
  const { session, source, relyingParty, response } = options;
  const { userId, sid, tenantId } = session;
  // Serialises the person's enrolments, an app's first code included, and what removes authenticators.
  await unit.people.lock(userId, 'to end sign-ins');
  const locked = await unit.sessions.lockForChange(sid);
  if (locked === null) throw new SessionGoneError();
  const started = await unit.passkeys.take(options.id, sid, unit.now);
  const bound = await unit.authenticators.bound(userId);
  // A session below its person's level adds nothing: it would raise itself by what it brought.
  const isBelow = locked.aal < 2 && (bound.totp !== null || bound.passkey !== null);
  if (started === null || isBelow) return refuse(unit, options, 'not_started');
  const { challenge: expectedChallenge, name, userHandle } = started;
  const registered = await verifyRegistration({ relyingParty, expectedChallenge, response });
  if (registered === null) return refuse(unit, options, 'rejected');
  const transports = response.response.transports ?? [];
  const { now } = unit;
  const id = await unit.passkeys.bind({
    userId,
    name,
    userHandle,
    transports,
    ...registered,
    now,
  });
  if (id === null) return refuse(unit, options, 'known');
  await unit.authenticators.endEnrolments(userId);
  await forgetDevices(unit, { userId, tenantId, source, reason: 'authenticator_bound' });
  const fields = actorFields(options);
  await unit.record({
    event: 'authenticator.bound',
    outcome: 'success',
    ...fields,
    details: {
      authenticatorId: id,
      type: 'passkey',
      publicKeyThumbprint: keyThumbprint(registered.publicJwk),
      userVerified: true,
      synced: registered.isBackupEligible,
    },
  });
  const areCodesIssued = (await unit.recoveryCodes.salt(userId)) === null;
  if (areCodesIssued) {
    await issueRecoveryCodes(unit, { userId, tenantId, set: options.codes, source });
  }
  const person = await unit.people.find(userId);
  if (person !== null) await unit.notify(notices.passkeyAdded(person, now, name));
  const newToken = Buffer.from(options.random.bytes(24)).toString('base64url');
  if (!(await unit.sessions.rotate(session.sessionId, options.token, newToken))) {
    throw new SessionGoneError();
  }
  await unit.sessions.raise(sid, 2, 'pop');
  await unit.record({
    event: 'session.rotated',
    outcome: 'success',
    ...fields,
    reason: 'authenticator_bound',
    details: { sid },
  });
  const passkey = { id, userId, name, userHandle, transports, ...registered };
  return { kind: 'bound', passkey, newToken, areCodesIssued };
}

async function refuse<K extends 'not_started' | 'rejected' | 'known'>(
  unit: Unit,
  options: Parameters<typeof actorFields>[0],
  kind: K,
): Promise<{ readonly kind: K }> {
  await unit.record({
    event: 'authenticator.bound',
    outcome: kind === 'not_started' ? 'denied' : 'failure',
    ...actorFields(options),
    reason: kind,
  });
  return { kind };
}

function actorFields({
  session,
  source,
}: {
  readonly session: AuthenticationSession;
  readonly source: RequestSource;
}) {
  return {
    actorId: session.userId,
    tenantId: session.tenantId,
    aal: session.aal,
    methods: ['pop'] as const,
    requestId: source.requestId,
    personal: sourceFields(source),
  };
}
