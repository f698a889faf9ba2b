/** Every text this package shows. Pass any of them to the provider to replace it. */
export interface CountersignMessages {
  readonly confirmIntro: string;
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
  readonly unavailable: string;
  readonly network: string;
  readonly challengeOver: string;
  readonly failed: string;
  readonly grantExpired: string;
  readonly grantMismatch: string;
  readonly moreItems: (count: number) => string;
  readonly wait: (seconds: number) => string;
}

const numbers = new Intl.NumberFormat('en');

/** The English texts, used where the provider is given no others. */
export const englishMessages: CountersignMessages = {
  confirmIntro: "Confirm it's you. This covers exactly what is listed here and nothing else.",
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
  unavailable: 'This is not available at the moment. Nothing has been changed. Try again shortly.',
  network: "We couldn't reach the server. Check your connection, then try again with a new code.",
  challengeOver: 'This took too long and has run out. Cancel and start again.',
  failed: 'Something went wrong on our side. Nothing has been changed.',
  grantExpired: 'Your confirmation ran out before it was used. Nothing has been changed yet.',
  grantMismatch:
    'What you confirmed has changed since. Nothing has been changed yet. Look again before you confirm.',
  moreItems: (count) => `and ${numbers.format(count)} more`,
  wait: formatWait,
};

function formatWait(seconds: number): string {
  const whole = Math.max(1, Math.ceil(seconds));
  if (whole < 90) return whole === 1 ? '1 second' : `${whole} seconds`;
  return `${Math.ceil(whole / 60)} minutes`;
}
