import { type EventName, events } from './catalogue.ts';

/** First parts of the names of events that are about a person's own account. */
const KINDS = new Set([
  'sign-in',
  'session',
  'authenticator',
  'enrolment',
  'recovery-code',
  'recovery',
  'known-device',
  'password',
  'identity',
  'step-up',
  'account',
]);

/** What comes with every confirmation, or with every other event, and says nothing more. */
const NOISE: ReadonlySet<string> = new Set<EventName>([
  'session.rotated',
  'sign-in.primary',
  'sign-in.challenged',
  'step-up.required',
]);

/** The events a person is shown in their own history. */
export const securityEvents: readonly string[] = Object.keys(events).filter(
  (name) => KINDS.has(name.split('.', 1)[0] ?? '') && !NOISE.has(name),
);

/** Operations on a person's own account, shown where they were done. */
export const securityOperations: readonly string[] = [
  'account.change-password',
  'account.change-email',
  'authenticator.add',
  'authenticator.rename',
  'authenticator.remove',
  'recovery-codes.regenerate',
];
