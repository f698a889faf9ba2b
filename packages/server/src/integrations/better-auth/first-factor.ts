import { isAPIError } from 'better-auth/api';
import {
  passwordSubject,
  reservePasswordAttempt,
  settlePasswordAttempt,
} from '../../ceremonies/confirm-password.ts';
import { sourceFields } from '../../ceremonies/sign-in.ts';
import { type Admission, admit, type Gate, type HookContext, textField } from './gate-context.ts';
import { refusal } from './refusal.ts';
import { settleFirstFactor } from './sign-in-gate.ts';

/** What another plugin's sign-in proves: a mailbox, or an account at a provider. */
export type FirstFactorMethod = 'email' | 'idp';

/** Where a browser goes that another plugin's sign-in redirects. */
export interface SignInPages {
  readonly challenge: string;
  readonly signIn: string;
}

export interface BornSession {
  readonly session: { readonly token: string };
  readonly user: { readonly id: string; readonly email: string };
}

/** Before another plugin compares a code: one attempt is taken, counted by address, new codes or not. */
export async function admitFirstFactor(
  ctx: HookContext,
  gate: Gate,
  method: FirstFactorMethod,
): Promise<void> {
  const { server, source } = gate;
  const email = textField(ctx, 'email').toLowerCase();
  const taken = await server.database.transaction(async (unit) => {
    if (email === '') return null;
    const { addressKey } = server;
    const whose = await passwordSubject(unit, email, { addressKey, source });
    const attempt = { ...whose, subject: `first-factor:${whose.subject}` };
    const blocked = await reservePasswordAttempt(unit, { ...attempt, source });
    return blocked ?? { kind: 'taken' as const, attempt };
  });
  if (taken?.kind === 'throttled') {
    throw refusal('tooManyAttempts', source.requestId, taken.retryAfterSeconds);
  }
  admit(ctx, gate, { kind: 'first-factor', method, attempt: taken?.attempt ?? null });
}

/**
 * After another plugin's sign-in: its session is gone by now, and its person goes through the gate like
 * anybody else. A browser that was redirected is redirected again, to where the gate sends it.
 */
export async function afterFirstFactor(
  ctx: HookContext,
  gate: Gate,
  options: Admission & { kind: 'first-factor' } & {
    readonly born: BornSession;
    readonly pages: SignInPages;
  },
): Promise<unknown> {
  const { pages } = options;
  const target = redirectTarget(ctx);
  if (target === null) return settleBorn(ctx, gate, options);
  const settled = await settleBorn(ctx, gate, options).catch((error: unknown) => {
    if (isAPIError(error)) return error;
    throw error;
  });
  if (isAPIError(settled)) {
    throw ctx.redirect(`${pages.signIn}?error=${encodeURIComponent(String(settled.body?.code))}`);
  }
  const isChallenged = (settled as { challenge?: string }).challenge === 'required';
  throw ctx.redirect(isChallenged ? pages.challenge : target);
}

function settleBorn(
  ctx: HookContext,
  gate: Gate,
  { born, method, attempt }: Parameters<typeof afterFirstFactor>[2],
): Promise<unknown> {
  const { id: userId, email } = born.user;
  // Nobody proved anything: a session of theirs would be one of a stranger.
  if ((born.user as { isAnonymous?: boolean | null }).isAnonymous === true) {
    throw refusal('closed', gate.source.requestId);
  }
  return settleFirstFactor(ctx, gate, {
    userId,
    tenantId: null,
    methods: [method],
    aal: 1,
    basis: { email },
    refusal: 'wrongPassword',
    accept: async (unit, isStanding) => {
      if (isStanding && attempt !== null) await settlePasswordAttempt(unit, attempt);
      if (isStanding) return;
      await unit.record({
        event: 'sign-in.failed',
        outcome: 'failure',
        actorId: userId,
        tenantId: await unit.people.firstTenant(userId),
        methods: [method],
        requestId: gate.source.requestId,
        reason: 'address_changed',
        personal: sourceFields(gate.source),
      });
    },
  });
}

function redirectTarget(ctx: HookContext): string | null {
  const { returned } = ctx.context;
  if (!isAPIError(returned) || returned.statusCode !== 302) return null;
  return new Headers(returned.headers).get('location') ?? '/';
}
