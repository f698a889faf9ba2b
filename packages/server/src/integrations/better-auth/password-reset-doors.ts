import {
  passwordResetCompleteRequestSchema,
  passwordResetRequestSchema,
} from '../../contract/index.ts';
import { passwordRefusal } from '../../http/password-refusal.ts';
import { askForReset, completeReset } from '../../http/password-reset.ts';
import { bodyOf, type Gate, type HookContext } from './gate-context.ts';
import { throwRefusal } from './operation-doors.ts';
import { refusal } from './refusal.ts';

/**
 * Better Auth's `requestPasswordReset`, answered by ours. `redirectTo` is not read: what a link leads to
 * is no caller's choice.
 */
export async function answerResetRequest(
  ctx: HookContext,
  { server, source }: Gate,
): Promise<unknown> {
  const parsed = passwordResetRequestSchema.safeParse({ email: bodyOf(ctx)['email'] });
  if (!parsed.success) throw refusal('malformed', source.requestId);
  await askForReset(server, { ...parsed.data, source });
  return ctx.json({
    status: true,
    message: 'If this email exists in our system, check your email for the reset link',
  });
}

/** Better Auth's `resetPassword`, answered by ours. The link's secret is read from the body alone. */
export async function answerReset(ctx: HookContext, { server, source }: Gate): Promise<unknown> {
  const { token, newPassword } = bodyOf(ctx);
  const parsed = passwordResetCompleteRequestSchema.safeParse({ token, newPassword });
  if (!parsed.success) {
    const isPassword = parsed.error.issues.some(({ path }) => path[0] === 'newPassword');
    throw refusal(isPassword ? 'malformed' : 'invalidLink', source.requestId);
  }
  const outcome = await completeReset(server, { ...parsed.data, source });
  switch (outcome.kind) {
    case 'changed':
      return ctx.json({ status: true });
    case 'rejected':
      throw refusal('invalidLink', source.requestId);
    case 'refused':
      return throwRefusal(passwordRefusal(outcome.fault, source));
  }
}
