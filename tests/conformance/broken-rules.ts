import type { Patch } from '../evidence/patched-build.ts';

/** One rule of the portal, broken as a switch would, and the attempts that must show it. */
export interface BrokenRule {
  readonly id: string;
  readonly broken: string;
  readonly patches: readonly Patch[];
  /** Names of attempts; each must be reported as broken. */
  readonly shownBy: readonly [string, ...string[]];
}

const server = 'packages/server/src';
const gate = `${server}/integrations/better-auth/sign-in-gate.ts`;
const passkey = `${server}/factors/passkey.ts`;
const oidc = `${server}/factors/oidc.ts`;
const stepUpStore = `${server}/storage/step-up-store.ts`;
const verifyTotp = `${server}/ceremonies/verify-totp.ts`;
const attemptBudget = `${server}/factors/attempt-budget.ts`;
const classification = `${server}/integrations/better-auth/classification.ts`;

/** The password of whoever has an app opens a session. */
const passwordIsEnough: Patch = {
  file: gate,
  find: 'if (!isAppBound && passkey === null) return null;',
  replace: 'if (passkey === null) return null;',
};

/** Rules that can be broken in one build without hiding one another: nobody here finishes a sign-in by a code. */
export const brokenAtTheDoor: readonly BrokenRule[] = [
  {
    id: 'CS-01',
    broken: 'the password of a person with an app opens a session',
    patches: [passwordIsEnough],
    shownBy: ['sign in with the password of a person who has an authenticator'],
  },
  {
    id: 'CS-04',
    broken: 'a mailed code is offered beside an authenticator app',
    patches: [
      {
        file: `${server}/policy/operation-requirement.ts`,
        find: 'if (methods.length > 0) return { kind: ',
        replace:
          "if (given.isEmailBaselineOn && requirement.baseline !== undefined) return { kind: 'step_up_required', methods: ['email'] };\n  if (methods.length > 0) return { kind: ",
      },
    ],
    shownBy: ['ask for a mailed code for an export, with an authenticator app bound'],
  },
  {
    id: 'CS-12',
    broken: "Better Auth's endpoint that gives the secret again is open to a session",
    patches: [
      { file: classification, find: "    'getTOTPURI',\n", replace: '' },
      {
        file: classification,
        find: "enableTwoFactor: 'active',",
        replace: "enableTwoFactor: 'active', getTOTPURI: 'active',",
      },
    ],
    shownBy: ["ask Better Auth for the secret or the codes again, with the person's password"],
  },
  {
    id: 'CS-15',
    broken: 'a code that is sent again begins the count anew',
    patches: [
      {
        file: `${server}/ceremonies/confirm-by-email.ts`,
        find: 'const code = generateEmailCode((length) => ports.random.bytes(length));',
        replace: `await unit.budgets.reset(\`email:\${session.userId}\`, 'stranger');
    const code = generateEmailCode((length) => ports.random.bytes(length));`,
      },
    ],
    shownBy: [
      'five wrong codes for a confirmation, a new code, and one more',
      'another confirmation, with a new code',
    ],
  },
  {
    id: 'CS-20',
    broken: 'a password that was reset opens a session, and a mailbox beside it recovers',
    // The first in the same place as CS-01: a reset has no door of its own.
    patches: [
      {
        file: `${server}/policy/recovery.ts`,
        find: "if (aal !== 2 || isForeign || !methods.includes('pwd') || !(isByCode || isByApp)) {",
        replace: 'if (aal === null || isForeign) {',
      },
    ],
    shownBy: [
      'sign in with a password that was set without the old one',
      'call the app lost, with that password and the mailbox alone',
    ],
  },
  {
    id: 'CS-22',
    broken: 'a session alone makes new recovery codes',
    patches: [
      {
        file: `${server}/http/run-guarded.ts`,
        find: 'const proved = await proveAct(unit, request, locked);',
        replace: `const proved = request.grant === null && request.name === 'recovery-codes.regenerate'
        ? { kind: 'proved', grant: null, session: null, parametersHash: '', displayHash: '', total: 0 }
        : await proveAct(unit, request, locked);`,
      },
    ],
    shownBy: ['make new recovery codes'],
  },
  {
    id: 'CS-24',
    broken:
      'any origin may sign, what was to be backed up may change, and nobody need be named or verified',
    patches: [
      {
        file: passkey,
        find: `verifyAuthenticationResponse({
      response: response as never,
      expectedChallenge,
      expectedOrigin: relyingParty.origin,`,
        replace: `verifyAuthenticationResponse({
      response: response as never,
      expectedChallenge,
      expectedOrigin: JSON.parse(Buffer.from(response.response.clientDataJSON, 'base64url').toString()).origin,`,
      },
      {
        file: passkey,
        find: "if ((credentialDeviceType === 'multiDevice') !== passkey.isBackupEligible) {",
        replace: 'if (credentialDeviceType === null) {',
      },
      {
        file: passkey,
        find: 'if (userHandle == null) return !options.isUserHandleRequired;',
        replace: 'if (userHandle == null) return true;',
      },
      {
        file: passkey,
        find: 'if (!userVerified) return',
        replace: 'if (userVerified === null) return',
      },
    ],
    shownBy: [
      'sign with another origin',
      'sign with a changed BE',
      'sign in by it alone with another origin',
      'sign in by it alone with the handle of nobody',
      'sign in by it alone with nobody verified (UV=0)',
    ],
  },
  {
    id: 'CS-25',
    broken: "a passkey's challenge stays open after a wrong answer, or is any browser's",
    patches: [
      {
        file: `${server}/ceremonies/confirm-by-passkey.ts`,
        find: 'await unit.stepUps.takeBegun(row.id);',
        replace: '',
      },
      {
        file: `${server}/storage/passkey-store.ts`,
        find: '.set({ passkey_challenge: null })',
        replace: '.set({ passkey_challenge: row?.passkey_challenge ?? null })',
      },
      {
        file: `${server}/storage/passkey-sign-in-store.ts`,
        find: ".where('challenge', '=', challenge)\n        .where('browser_hash', '=', browserHash)",
        replace: ".where('challenge', '=', challenge)",
      },
    ],
    shownBy: [
      "the answer to another browser's challenge, with a cookie of one's own and with none",
      'a right answer after a wrong one to the same challenge',
      'a right answer after a wrong one to the same sign-in',
    ],
  },
  {
    id: 'CS-30',
    broken: 'a known device outlives what should end it',
    patches: [
      {
        file: `${server}/storage/known-device-store.ts`,
        find: ".where('user_id', '=', userId)\n        .returning('expires_at')",
        replace: ".where('user_id', '=', '')\n        .returning('expires_at')",
      },
      {
        file: `${server}/storage/known-device-store.ts`,
        find: ".deleteFrom(DEVICES)\n        .where('id', '=', id)",
        replace:
          ".updateTable(DEVICES).set({ user_agent: 'forgotten' })\n        .where('id', '=', id)",
      },
    ],
    shownBy: [
      'a copy of it after the person changed the password',
      'a copy of it after the person added an authenticator',
      'a copy of it after the person removed an authenticator',
      'a copy of it after the person had that browser forgotten',
    ],
  },
  {
    id: 'CS-33',
    broken:
      "a provider's answer may be about anybody, of any time, by any means, and come to any address",
    patches: [
      {
        file: oidc,
        find: 'if (claims.subject !== options.expectedSubject) return',
        replace: "if (claims.subject === '') return",
      },
      {
        file: oidc,
        find: 'if (authTime.getTime() > now.getTime() + SKEW_SECONDS * 1000) return',
        replace: 'if (authTime.getTime() === 0) return',
      },
      {
        file: oidc,
        find: 'amr.some((value) => policy.mfaAmr.includes(value))',
        replace: 'amr.length > 0',
      },
      {
        file: `${server}/integrations/openid-provider.ts`,
        find: "if (addressOf(returnUrl) !== redirectUris[purpose]) return { refused: 'wrong_redirect' };",
        replace: "if (addressOf(returnUrl) === '') return { refused: 'wrong_redirect' };",
      },
    ],
    shownBy: [
      'sub-other: somebody else signed in',
      'auth-time-future: the person signed in an hour from now',
      'amr-other: the person signed in by a password alone',
      'an answer that came to the address of another provider',
    ],
  },
  {
    id: 'CS-34',
    broken: 'a grant is not used up',
    patches: [
      {
        file: stepUpStore,
        find: 'set consumed_at = $21,',
        replace: 'set consumed_at = nullif($21::timestamptz, $21::timestamptz),',
      },
    ],
    shownBy: ['twice, one after the other', 'five times at the same moment'],
  },
  {
    id: 'CS-38',
    broken: 'the list says something else than the entries',
    patches: [
      {
        file: `${server}/storage/audit-query.ts`,
        find: 'event: row.event,',
        replace: "event: row.event.replace('sign-in', 'session'),",
      },
    ],
    shownBy: ['what is listed of an entry against what its bytes say'],
  },
];

/** Rules broken further in: here a sign-in still needs its code. */
export const brokenFurtherIn: readonly BrokenRule[] = [
  {
    id: 'CS-05',
    broken: 'an app is enough where a passkey is asked for',
    patches: [
      {
        file: `${server}/policy/session-state.ts`,
        find: 'if (isStrictest && hasPasskey && (isBelow || !isPhishingResistant)) {',
        replace: 'if (isStrictest && hasPasskey && isBelow) {',
      },
    ],
    shownBy: ['sign in with an app where a passkey is asked for, and one is there'],
  },
  {
    id: 'CS-09',
    broken: 'a code is accepted as often as it is typed',
    // The locked row is asked first, and its compare-and-set says so again.
    patches: [
      {
        file: `${server}/storage/authenticator-store.ts`,
        find: 'where id = $1 and last_step < $2',
        replace: 'where id = $1 and $2 > 0',
      },
      {
        file: verifyTotp,
        find: 'if (step <= authenticator.lastStep)',
        replace: 'if (step < 0)',
      },
    ],
    shownBy: [
      'the same code at two sign-ins, one after the other',
      'the same code at two sign-ins, at the same moment',
    ],
  },
  {
    id: 'CS-10',
    broken: 'a code older than the last accepted is taken, and one of a quarter of an hour away',
    // Beside those of CS-09.
    patches: [
      {
        file: `${server}/factors/totp.ts`,
        find: 'const TOTP_WINDOW_STEPS = 1;',
        replace: 'const TOTP_WINDOW_STEPS = 30;',
      },
    ],
    shownBy: [
      'the code of the step before, after that of the present one was accepted',
      'the code of two steps ago',
      'the code of ten minutes ago',
      'a code that is two steps ahead',
    ],
  },
  {
    id: 'CS-16',
    broken: 'nobody is slowed down, and no lane closes',
    patches: [
      {
        file: attemptBudget,
        find: 'export const LANE_LIMIT = 50;',
        replace: 'export const LANE_LIMIT = 5000;',
      },
      {
        file: attemptBudget,
        find: 'const FREE_ATTEMPTS = 5;',
        replace: 'const FREE_ATTEMPTS = 5000;',
      },
    ],
    shownBy: [
      'wrong codes one after another, at sign-in',
      'wrong passwords one after another',
      'a hundred wrong codes inside a session',
      'a hundred wrong codes for confirmations',
    ],
  },
  {
    id: 'CS-18',
    broken: 'a recovery code is not used up',
    patches: [
      {
        file: `${server}/storage/recovery-code-store.ts`,
        find: ".where('hash', '=', hash)\n        .where('used_at', 'is', null)",
        replace: ".where('hash', '=', hash)",
      },
    ],
    shownBy: [
      'one code at three sign-ins at the same moment',
      'the used code again, as it was printed and as it might be typed',
    ],
  },
  {
    id: 'CS-28',
    broken: 'confirming one act counts as a recent sign-in',
    patches: [
      { file: stepUpStore, find: '...(isWindow ? [OPEN_WINDOW] : [])', replace: 'OPEN_WINDOW' },
    ],
    shownBy: ['a confirmation of one act in an old session, for an act that asks for a recent one'],
  },
  {
    id: 'CS-30',
    broken: 'the cookie of a known device stands in for the code',
    patches: [
      {
        file: gate,
        find: 'return aal === 2 ? null',
        replace: 'return aal === 2 || (source.device?.hashes().length ?? 0) > 0 ? null',
      },
    ],
    shownBy: [
      'ask to trust the device with the code, sign out, and type the password again',
      'bring made-up cookies of a known and of a trusted device to the password',
      "bring a copy of the person's own known-device cookie to another browser",
    ],
  },
  {
    id: 'CS-36',
    broken: 'an act commits without its entry',
    patches: [
      {
        file: `${server}/ceremonies/protected-act.ts`,
        find: 'await unit.finish(() => unit.stepUps.append(entry));',
        replace: 'await (entry === null ? undefined : unit.commit());',
      },
    ],
    shownBy: ['revoke a key on a recent confirmation while the log is away'],
  },
];
