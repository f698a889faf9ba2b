export { type OutboxMail, readOutbox } from './outbox.ts';
