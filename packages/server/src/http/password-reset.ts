import { createHmac } from 'node:crypto';
import { sourceKey } from '../audit/source-window.ts';
import { judgePasswordOf } from '../ceremonies/new-password.ts';
import { checkResetLink, mailResetLink, resetPassword } from '../ceremonies/password-reset.ts';
import type { RequestSource } from '../ceremonies/ports.ts';
import type { PasswordFault } from '../contract/index.ts';
import { openMail, sealMail } from '../storage/mail-seal.ts';
import type { ServerContext } from './environment.ts';

interface Asked {
  readonly email: string;
  readonly source: RequestSource;
}

/**
 * Remembers that somebody asked for another password, and looks nothing up: who has the address is found
 * out once the caller was answered, so that neither the answer nor its time can tell.
 */
export async function askForReset(server: ServerContext, asked: Asked): Promise<void> {
  const sealed = sealMail([requestKey(server)], JSON.stringify(asked));
  await server.database.transaction((unit) => unit.passwordResets.ask(sealed));
}

/** Looks up what was asked for, a few at a time, each in a transaction of its own. */
export async function answerResetRequests(server: ServerContext): Promise<void> {
  for (let count = 0; count < AT_A_TIME; count += 1) {
    const isAnswered = await server.database.transaction(async (unit) => {
      const sealed = await unit.passwordResets.takeAsked();
      if (sealed === null) return false;
      const asked = openRequest(server, sealed);
      if (asked !== null) {
        const { baseUrl, random } = server;
        const key = sourceKey(asked.source.address);
        await mailResetLink(unit, { ...asked, sourceKey: key, baseUrl, random });
      }
      return true;
    });
    if (!isAnswered) return;
  }
}

export type ResetOutcome =
  | { readonly kind: 'changed' | 'rejected' }
  | { readonly kind: 'refused'; readonly fault: PasswordFault };

/** Replaces the password by a mailed link, which a password that may not be chosen leaves as it is. */
export async function completeReset(
  { database, passwords, relyingParty }: ServerContext,
  given: { readonly token: string; readonly newPassword: string; readonly source: RequestSource },
): Promise<ResetOutcome> {
  const { token, source, newPassword } = given;
  const checked = await database.transaction(async (unit): Promise<ResetOutcome | null> => {
    const link = await checkResetLink(unit, { token, source });
    if (link === null) return { kind: 'rejected' };
    const { userId } = link;
    const application = relyingParty.name;
    const fault = await judgePasswordOf(unit, { userId, password: newPassword, application });
    return fault === null ? null : { kind: 'refused', fault };
  });
  if (checked !== null) return checked;
  // Slow, and so outside any transaction; the link is checked again, and taken, with its result.
  const passwordHash = await passwords.hash(newPassword);
  const isChanged = await database.transaction((unit) =>
    resetPassword(unit, { token, passwordHash, source }),
  );
  return { kind: isChanged ? 'changed' : 'rejected' };
}

const AT_A_TIME = 20;

/** Null for what another version of the secret sealed: whoever asked asks again. */
function openRequest(server: ServerContext, sealed: string): Asked | null {
  try {
    return JSON.parse(openMail([requestKey(server)], sealed)) as Asked;
  } catch {
    return null;
  }
}

function requestKey({ addressKey }: ServerContext): Uint8Array {
  return createHmac('sha256', addressKey).update('password reset request').digest();
}
