import type { SecurityEvent } from '@countersign/server/contract';
import { describeEvent } from '../audit/describe-event.ts';
import { historyMessages } from '../messages-history.ts';

const events: Readonly<Record<string, string>> = historyMessages.events;
const ends: Readonly<Record<string, string>> = historyMessages.ends;

type Described = Pick<SecurityEvent, 'event' | 'operation' | 'reason'>;

/** What happened, in the words of the person it happened to. */
export function describeSecurityEvent(event: Described): string {
  const { reason } = event;
  if (reason !== null && Object.hasOwn(ends, reason)) return ends[reason] ?? reason;
  return events[event.event] ?? describeEvent(event);
}
