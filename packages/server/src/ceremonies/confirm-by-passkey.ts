import { actChallenge, judgeActAssertion } from '@countersign/log';
import type { ActAssertion, AssertionResponse, StepUpOptions } from '../contract/index.ts';
import { passkeyRequestOptions, type RelyingParty } from '../factors/passkey.ts';
import type { Factor } from './factor.ts';
import type { Passkey } from './passkey-ports.ts';
import { verifyPasskey } from './verify-passkey.ts';

const NONCE_BYTES = 32;

/** A passkey that signs this very act: its challenge is the hash of what is done and what was shown. */
export const passkeyFactor: Factor<'passkey'> = {
  begin: async ({ unit, row, session, ports }) => {
    const known = await unit.passkeys.list(session.userId);
    if (known.length === 0) return { kind: 'unavailable' };
    const nonce = Buffer.from(ports.random.bytes(NONCE_BYTES)).toString('base64url');
    const begun = { method: 'passkey' as const, nonce };
    const { id, expiresAt } = row;
    if (!(await unit.stepUps.begin({ id, begun, now: unit.now, expiresAt }))) {
      return { kind: 'unavailable' };
    }
    const { relyingParty } = ports;
    const challenge = actChallenge(row, nonce);
    const options = await passkeyRequestOptions({ relyingParty, challenge, known });
    const plain = options as unknown as Extract<StepUpOptions, { method: 'passkey' }>['options'];
    return { kind: 'begun', options: { method: 'passkey', options: plain } };
  },
  verify: async ({ unit, row, session, source, ports }, { response }) => {
    const { begun } = row;
    if (begun?.method !== 'passkey') return { kind: 'rejected', reason: 'not_begun' };
    await unit.stepUps.takeBegun(row.id);
    const { relyingParty } = ports;
    const result = await verifyPasskey(unit, {
      userId: session.userId,
      response,
      expectedChallenge: Buffer.from(actChallenge(row, begun.nonce)).toString('base64url'),
      relyingParty,
      source,
    });
    if (result.kind !== 'accepted') return result;
    const assertion = assertionOf(result.passkey, { response, nonce: begun.nonce, relyingParty });
    // What the receipt will hold is judged as its reader will judge it, by code of its own.
    if (judgeActAssertion(row, assertion) !== null) {
      return { kind: 'rejected', reason: 'verifiers_disagree' };
    }
    const authenticatorId = result.passkey.id;
    return { kind: 'accepted', confirmation: 'aal2-phr', authenticatorId, assertion };
  },
};

function assertionOf(
  passkey: Passkey,
  options: {
    readonly response: AssertionResponse;
    readonly nonce: string;
    readonly relyingParty: RelyingParty;
  },
): ActAssertion {
  const { clientDataJSON, authenticatorData, signature } = options.response.response;
  return {
    nonce: options.nonce,
    origin: options.relyingParty.origin,
    rpId: options.relyingParty.id,
    credentialId: passkey.credentialId,
    publicKey: { ...passkey.publicJwk },
    clientDataJSON,
    authenticatorData,
    signature,
  };
}
