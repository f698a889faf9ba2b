import type {
  ActAssertion,
  AuthenticationMethod,
  Confirmation,
  StepUpMethod,
  StepUpOptions,
  StepUpVerifyRequest,
} from '../contract/index.ts';
import type { RelyingParty } from '../factors/passkey.ts';
import type {
  AuthenticationSession,
  LockedTotp,
  Randomness,
  RequestSource,
  TotpVerifier,
  Unit,
} from './ports.ts';
import type { IdentityProviders, ProviderAnswer } from './provider-ports.ts';
import type { StepUpRow } from './step-up-ports.ts';
import type { CodeRefusal } from './verify-totp.ts';

/** What factors need of the server around them. */
export interface FactorPorts {
  readonly verifier: TotpVerifier;
  readonly random: Randomness;
  readonly relyingParty: RelyingParty;
  readonly identityProviders: IdentityProviders;
  /** Keys the hashes of emailed codes; at least 32 bytes. */
  readonly codeKey: Uint8Array;
}

/** One step-up under way, locked, open, and of a living session. */
export interface FactorContext {
  readonly unit: Unit;
  readonly row: StepUpRow;
  readonly session: AuthenticationSession;
  readonly source: RequestSource;
  readonly ports: FactorPorts;
  /** The person's authenticator app and its budget, locked, where the transaction began with them. */
  readonly totp: LockedTotp | null;
}

export type BeginAnswer =
  | { readonly kind: 'begun'; readonly options: StepUpOptions }
  | { readonly kind: 'unavailable' }
  | {
      readonly kind: 'throttled';
      readonly reason: 'backing_off' | 'too_many_codes';
      readonly retryAfterSeconds: number;
    };

/** What a person sent to be verified; the provider's claims were fetched before the transaction. */
export type Proof =
  | Exclude<StepUpVerifyRequest, { method: 'idp' }>
  | {
      readonly method: 'idp';
      readonly claims: ProviderAnswer;
      readonly askedAt: Date;
    };

export type FactorAnswer =
  | {
      readonly kind: 'accepted';
      readonly confirmation: Confirmation;
      readonly authenticatorId: string | null;
      readonly assertion: ActAssertion | null;
      /** The time step that acceptance spends, where there is one. */
      readonly spentStep?: number;
    }
  | CodeRefusal;

/**
 * One way to confirm an act. `begin` prepares what the person answers, and may be called again;
 * `verify` accepts an answer at most once, within its budget, in the caller's transaction: a refusal
 * is returned, so that what counts it commits.
 */
export interface Factor<Method extends StepUpMethod> {
  begin(context: FactorContext): Promise<BeginAnswer>;
  verify(context: FactorContext, proof: Extract<Proof, { method: Method }>): Promise<FactorAnswer>;
}

const AMR = { totp: 'otp', passkey: 'pop', idp: 'idp', email: 'email' } as const satisfies Record<
  StepUpMethod,
  AuthenticationMethod
>;

/** The RFC 8176 value of a method, or ours where none is registered. */
export function amrOf(method: StepUpMethod): AuthenticationMethod {
  return AMR[method];
}
