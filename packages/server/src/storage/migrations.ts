import type { Migration } from './migration.ts';
import { foundation } from './migrations/0001-foundation.ts';
import { everyMethod } from './migrations/0002-every-method.ts';
import { lightLog } from './migrations/0003-light-log.ts';
import { enforcement } from './migrations/0004-enforcement.ts';
import { passkeySignIn } from './migrations/0005-passkey-sign-in.ts';
import { identityProvider } from './migrations/0006-identity-provider.ts';
import { mailedLinks } from './migrations/0007-mailed-links.ts';
import { knownDevices } from './migrations/0008-known-devices.ts';
import { soundPolicy } from './migrations/0010-sound-policy.ts';
import { rules } from './migrations/0011-rules.ts';
import { failureNotices } from './migrations/0013-failure-notices.ts';

/**
 * Forward-only migrations of the `countersign` schema, in the order they were published, which is not
 * that of their numbers. A published one is never edited. They run as the owner, after Better Auth's own
 * tables exist.
 */
export const migrations: readonly Migration[] = [
  foundation,
  everyMethod,
  lightLog,
  enforcement,
  soundPolicy,
  passkeySignIn,
  mailedLinks,
  knownDevices,
  identityProvider,
  failureNotices,
  rules,
];
