import type { AuthContext } from 'better-auth';
import type { createAuthMiddleware } from 'better-auth/api';
import type { PasswordSubject } from '../../ceremonies/confirm-password.ts';
import type { AuthenticationSession, Lane, RequestSource } from '../../ceremonies/ports.ts';
import type { RecoveryCodeSet } from '../../ceremonies/recovery-codes.ts';
import type { ServerContext } from '../../http/environment.ts';
import type { Identity, SignedIn } from '../../http/identity.ts';

/** The context Better Auth hands to a hook. */
export type HookContext = Parameters<Parameters<typeof createAuthMiddleware>[0]>[0];

/** What the before-hook found out and the after-hook relies on. */
export type Admission =
  | {
      readonly kind: 'password';
      readonly email: string;
      readonly subject: string;
      readonly lane: Lane;
      readonly userId: string | null;
      /** What is stored before the comparison; null for a person without a password. */
      readonly passwordHash: string | null;
    }
  | { readonly kind: 'enable'; readonly who: SignedIn; readonly password: PasswordSubject }
  | {
      readonly kind: 'first-code';
      readonly who: SignedIn;
      readonly authenticatorId: string;
      readonly storedSecret: string;
      readonly set: RecoveryCodeSet;
    }
  | { readonly kind: 'code-again'; readonly who: SignedIn }
  | {
      readonly kind: 'first-factor';
      readonly method: 'email' | 'idp';
      /** The budget an attempt was taken from; null where no code was typed. */
      readonly attempt: PasswordSubject | null;
    };

/** One Better Auth request under the gate. */
export interface Gate {
  readonly server: ServerContext;
  readonly source: RequestSource;
  readonly identity: Identity;
  readonly headers: Headers;
}

/**
 * Carries an admission from the before-hook to the after-hook of the same request. An after-hook that
 * finds none treats whatever session was born as unapproved.
 */
const admissions = new WeakMap<
  AuthContext,
  { readonly gate: Gate; readonly admission: Admission }
>();

export function admit(ctx: HookContext, gate: Gate, admission: Admission): void {
  admissions.set(ctx.context, { gate, admission });
}

/** Whether a password is being compared right now: admitted, and its endpoint has not answered yet. */
export function isComparing(context: AuthContext): boolean {
  const isOver = (context as { readonly returned?: unknown }).returned !== undefined;
  return !isOver && admissions.get(context)?.admission.kind === 'password';
}

/** Takes the admission; a second call finds none. */
export function takeAdmission(ctx: HookContext) {
  const admitted = admissions.get(ctx.context) ?? null;
  admissions.delete(ctx.context);
  return admitted;
}

export function bodyOf(ctx: HookContext): Readonly<Record<string, unknown>> {
  const body: unknown = ctx.body;
  return typeof body === 'object' && body !== null ? (body as Record<string, unknown>) : {};
}

export function textField(ctx: HookContext, name: string): string {
  const value = bodyOf(ctx)[name];
  return typeof value === 'string' ? value : '';
}

/** The authentication session behind an identity, when it has one. */
export function sessionIn(
  identity: Exclude<Identity, { state: 'none' }>,
): AuthenticationSession | null {
  if (identity.state === 'active') return identity.session;
  return identity.session?.session ?? null;
}
