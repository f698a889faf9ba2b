import type { StepUpMethod } from '@countersign/server/contract';

/** Every text this package shows. Pass any of them to the provider to replace it. */
export interface CountersignMessages {
  readonly confirmIntro: string;
  /** In place of `confirmIntro` where confirming lasts for a while. */
  readonly confirmWindowIntro: (duration: string) => string;
  readonly codeLabel: string;
  readonly codeHint: string;
  readonly tenantLabel: string;
  readonly irreversible: string;
  readonly cancel: string;
  readonly working: string;
  readonly codeMissing: string;
  readonly codeRejected: string;
  readonly tooManyAttempts: (wait: string) => string;
  readonly tooManyAttemptsOver: string;
  /** In place of `tooManyAttemptsOver` where no code is typed. */
  readonly tryAgainNow: string;
  readonly unavailable: string;
  readonly network: string;
  /** In place of `network` where no code is typed. */
  readonly networkAgain: string;
  readonly challengeOver: string;
  readonly failed: string;
  readonly grantExpired: string;
  readonly grantMismatch: string;
  readonly challengeExpired: string;
  readonly moreItems: (count: number) => string;
  readonly wait: (seconds: number) => string;
  readonly tryAnotherWay: string;
  readonly methodNames: Readonly<Record<StepUpMethod, string>>;
  readonly methodUnavailable: string;
  readonly noMethod: string;
  readonly passkeyAction: string;
  readonly passkeyHint: string;
  readonly passkeyWorking: string;
  readonly passkeyCancelled: string;
  readonly passkeyUnsupported: string;
  readonly passkeyUnavailable: string;
  readonly passkeyRejected: string;
  readonly providerAction: string;
  readonly providerHint: string;
  readonly providerWaiting: string;
  readonly providerAgain: string;
  readonly providerLeaving: string;
  readonly providerClosed: string;
  readonly providerBlocked: string;
  readonly providerRejected: string;
  readonly emailBaseline: string;
  readonly emailSend: string;
  readonly emailSent: (address: string) => string;
  readonly emailSendAgain: string;
  readonly emailSendAgainIn: (wait: string) => string;
  readonly emailSentAgain: string;
  readonly emailCodeLabel: string;
  readonly emailCodeMissing: string;
  readonly emailCodeRejected: string;
  readonly returnWorking: string;
  readonly returnClose: string;
  readonly returnUnclaimed: string;
  readonly returnRepeat: (wait: string) => string;
  readonly returnRefused: string;
  readonly returnOver: string;
  readonly returnSignedOut: string;
  readonly returnBack: string;
}

const numbers = new Intl.NumberFormat('en');

/** The English texts, used where the provider is given no others. */
export const englishMessages: CountersignMessages = {
  confirmIntro: "Confirm it's you. This covers exactly what is listed here and nothing else.",
  confirmWindowIntro: (duration) =>
    `Confirm it's you. You won't be asked again for this kind of change for ${duration}.`,
  codeLabel: 'Code from your authenticator app',
  codeHint: "Six digits. If you've just used a code, wait for the next one.",
  tenantLabel: 'Organisation',
  irreversible: 'This cannot be undone.',
  cancel: 'Cancel',
  working: 'Checking…',
  codeMissing: 'Enter the six digits your authenticator app shows.',
  codeRejected:
    "That code didn't work. Codes change every 30 seconds; wait for a new one and try again.",
  tooManyAttempts: (wait) =>
    `There have been too many attempts. Nothing has been changed. Try again in ${wait}.`,
  tooManyAttemptsOver: 'You can try again now, with a new code.',
  tryAgainNow: 'You can try again now.',
  unavailable: 'This is not available at the moment. Nothing has been changed. Try again shortly.',
  network: "We couldn't reach the server. Check your connection, then try again with a new code.",
  networkAgain: "We couldn't reach the server. Check your connection, then try again.",
  challengeOver: 'This took too long and has run out. Cancel and start again.',
  failed: 'Something went wrong on our side. Nothing has been changed.',
  grantExpired: 'Your confirmation ran out before it was used. Nothing has been changed yet.',
  grantMismatch:
    'What you confirmed has changed since. Nothing has been changed yet. Look again before you confirm.',
  challengeExpired:
    'That took too long and ran out. Nothing has been changed yet. You can confirm again here.',
  moreItems: (count) => `and ${numbers.format(count)} more`,
  wait: formatWait,
  tryAnotherWay: 'Try another way',
  methodNames: {
    totp: 'Authenticator app',
    passkey: 'Passkey',
    idp: "Your organisation's sign-in",
    email: 'Code by email',
  },
  methodUnavailable: "This way isn't available at the moment. Nothing has been changed.",
  noMethod: 'There is no way to confirm this here. Nothing has been changed.',
  passkeyAction: 'Use your passkey',
  passkeyHint: 'Your browser asks for your fingerprint, face or screen lock.',
  passkeyWorking: 'Waiting for your passkey…',
  passkeyCancelled: "The passkey wasn't used. Nothing has been changed. You can try again.",
  passkeyUnsupported: "This browser can't use passkeys. Try another way, or another browser.",
  passkeyUnavailable: "Your passkey couldn't be used here. Nothing has been changed.",
  passkeyRejected: "That passkey didn't work for this. Nothing has been changed.",
  providerAction: "Continue with your organisation's sign-in",
  providerHint: 'You sign in once more in a new window. What you were doing here stays as it is.',
  providerWaiting: 'Use the window that opened to sign in. This page then goes on by itself.',
  providerAgain: 'Open the window again',
  providerLeaving: "Taking you to your organisation's sign-in. You come back here afterwards.",
  providerClosed: 'The window was closed. Nothing has been changed. You can open it again.',
  providerBlocked: 'Your browser blocked the new window. Allow it for this site and try again.',
  providerRejected:
    "Your organisation's sign-in didn't confirm this: it asks for your own account there, with its second step. Nothing has been changed.",
  emailBaseline:
    'This is the weakest way to confirm. It does not prove more than access to your mailbox.',
  emailSend: 'Send the code',
  emailSent: (address) => `We sent a code to ${address}. It works for 10 minutes.`,
  emailSendAgain: 'Send another code',
  emailSendAgainIn: (wait) => `You can send another code in ${wait}.`,
  emailSentAgain: 'Another code is on its way. Only the newest one works.',
  emailCodeLabel: 'Code from the email',
  emailCodeMissing: 'Enter the six digits from the email.',
  emailCodeRejected: "That code didn't work. Use the one in the newest email, or send another.",
  returnWorking: 'Finishing your confirmation…',
  returnClose: "You've signed in. You can close this window.",
  returnUnclaimed:
    'No page is waiting for this sign-in, and nothing has been changed. Close this window, and start again where you were.',
  returnRepeat: (wait) =>
    `You've confirmed it's you, and nothing has been changed yet. What you entered is not kept while you are away, so do it once more within ${wait}. You won't be asked to confirm again.`,
  returnRefused: 'Go back to try again.',
  returnOver: 'This took too long and has run out. Nothing has been changed. Go back to try again.',
  returnSignedOut: 'Your session has ended. Nothing has been changed. Go back to sign in again.',
  returnBack: 'Go back',
};

/** The English texts, with those of the provider in the place of some. */
export function completeMessages(replaced: Partial<CountersignMessages>): CountersignMessages {
  return { ...englishMessages, ...replaced };
}

function formatWait(seconds: number): string {
  const whole = Math.max(1, Math.ceil(seconds));
  if (whole < 90) return whole === 1 ? '1 second' : `${whole} seconds`;
  return `${Math.ceil(whole / 60)} minutes`;
}
