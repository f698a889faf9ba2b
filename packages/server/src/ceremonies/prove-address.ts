import { type MailedCode, type MailedCodeSent, mailCode, takeMailedCode } from './mailed-code.ts';
import { notices } from './notices.ts';
import type { AuthenticationSession, Person, Randomness, RequestSource, Unit } from './ports.ts';
import { sourceFields } from './sign-in.ts';

interface Asked {
  readonly session: AuthenticationSession;
  readonly source: RequestSource;
  /** Keys the hashes of emailed codes; at least 32 bytes. */
  readonly codeKey: Uint8Array;
}

export type AddressCodeSent = MailedCodeSent | { readonly kind: 'unverified' | 'gone' };

export type AddressProof =
  | { readonly kind: 'proved' | 'rejected' | 'gone' }
  | { readonly kind: 'throttled'; readonly retryAfterSeconds: number };

/**
 * Mails a code to the person's verified address, for the session that asks alone: a stolen password is
 * not enough to enrol a stranger's authenticator. A new code replaces the one before.
 */
export async function sendAddressCode(
  unit: Unit,
  { session, source, codeKey, random }: Asked & { readonly random: Randomness },
): Promise<AddressCodeSent> {
  const { userId, sid } = session;
  if ((await unit.sessions.lockForChange(sid)) === null) return { kind: 'gone' };
  const person = await unit.people.find(userId);
  if (person === null || (await unit.people.addressVerifiedAt(userId)) === null) {
    await record(unit, { session, source }, 'address_unverified');
    return { kind: 'unverified' };
  }
  const write = (code: string) => notices.enrolmentCode(person, unit.now, code);
  const sent = await mailCode(unit, codeOf({ session, codeKey }, person), { random, write });
  if (sent.kind === 'throttled') await record(unit, { session, source }, 'too_many_codes');
  return sent;
}

/** Takes the code, once, within its budget; the session may enrol for a while afterwards. */
export async function proveAddress(
  unit: Unit,
  { session, source, codeKey, code }: Asked & { readonly code: string },
): Promise<AddressProof> {
  const { userId, sid } = session;
  if ((await unit.sessions.lockForChange(sid)) === null) return { kind: 'gone' };
  const person = await unit.people.find(userId);
  if (person === null) return { kind: 'gone' };
  const typed = { code, subject: `address-code:${userId}`, source };
  const taken = await takeMailedCode(unit, codeOf({ session, codeKey }, person), typed);
  await record(unit, { session, source }, taken.kind === 'taken' ? null : taken.reason);
  return taken.kind === 'taken' ? { kind: 'proved' } : taken;
}

/** The address as well: what was mailed to the one before says nothing of the one after. */
function codeOf(
  { session: { sid, userId }, codeKey }: Omit<Asked, 'source'>,
  person: Person,
): MailedCode {
  return { sid, person, purpose: `enrolment ${sid} ${userId} ${person.email}`, codeKey };
}

async function record(
  unit: Unit,
  { session, source }: Pick<Asked, 'session' | 'source'>,
  reason: string | null,
): Promise<void> {
  const { userId, tenantId, sid } = session;
  const isFailure = reason === 'wrong' || reason === 'not_begun';
  await unit.record({
    event: 'enrolment.address-proved',
    outcome: reason === null ? 'success' : isFailure ? 'failure' : 'denied',
    actorId: userId,
    tenantId,
    methods: ['email'],
    requestId: source.requestId,
    ...(reason === null ? {} : { reason }),
    details: { sid },
    personal: sourceFields(source),
  });
}
