import type { ServerContext } from '../environment.ts';
import { createGuard } from '../guard.ts';
import type { Routes } from '../routes.ts';
import type { AccountOperation } from './account-operation.ts';
import { addPasskeyOperation } from './add-authenticator.ts';
import { changeEmailOperation } from './change-email.ts';
import { changeIdentityProviderOperation } from './change-identity-provider.ts';
import { changePasswordOperation } from './change-password.ts';
import { changePolicyOperation } from './change-policy.ts';
import { changeRoleOperation } from './change-role.ts';
import { addConfirmEmailRoute } from './confirm-email.ts';
import { deleteAccountOperation, type ErasePerson } from './delete-account.ts';
import { inviteMemberOperation } from './invite-member.ts';
import { linkIdentityOperation, unlinkIdentityOperation } from './link-identity.ts';
import { regenerateRecoveryCodesOperation } from './regenerate-recovery-codes.ts';
import { removeAuthenticatorOperation } from './remove-authenticator.ts';
import { removeMemberOperation } from './remove-member.ts';
import { renameAuthenticatorOperation } from './rename-authenticator.ts';
import { requireMfaOperation } from './require-mfa.ts';
import { unfreezeMemberOperation } from './unfreeze-member.ts';

/** The sensitive operations every application has, by the names they have on the wire and in the log. */
export function accountOperations(erasePerson: ErasePerson) {
  return {
    'authenticator.add': addPasskeyOperation,
    'authenticator.remove': removeAuthenticatorOperation,
    'authenticator.rename': renameAuthenticatorOperation,
    'recovery-codes.regenerate': regenerateRecoveryCodesOperation,
    'account.change-password': changePasswordOperation,
    'account.change-email': changeEmailOperation,
    'account.delete': deleteAccountOperation(erasePerson),
    'member.change-role': changeRoleOperation,
    'member.invite': inviteMemberOperation,
    'member.remove': removeMemberOperation,
    'member.require-mfa': requireMfaOperation,
    'member.unfreeze': unfreezeMemberOperation,
    'policy.change': changePolicyOperation,
    'identity-provider.change': changeIdentityProviderOperation,
    'identity.link': linkIdentityOperation,
    'identity.unlink': unlinkIdentityOperation,
  } as const;
}

export type AccountOperations = ReturnType<typeof accountOperations>;

/** Declares each operation's route behind its guard, and the route that finishes a change of address. */
export function addAccountOperationRoutes(
  context: ServerContext,
  routes: Routes,
  operations: AccountOperations,
): void {
  for (const [name, entry] of Object.entries(operations)) {
    addRoute(context, routes, name, entry as unknown as AccountOperation<object>);
  }
  addConfirmEmailRoute(context, routes);
}

function addRoute(
  context: ServerContext,
  routes: Routes,
  name: string,
  { operation, route, perform, checkSecrets }: AccountOperation<object>,
): void {
  const guard = createGuard(context, routes, { [name]: operation });
  guard(
    route,
    name,
    async (c, params, proof) => {
      const answer = await perform(proof, params, { server: context, source: c.get('source') });
      return c.json(answer, route.status ?? 200);
    },
    checkSecrets?.(context),
  );
}
