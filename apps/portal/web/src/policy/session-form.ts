import { type SessionPolicy, sessionPolicySchema } from '@countersign/server/contract';

/** The part of a policy on when sessions end, as it is typed. */
export interface SessionForm {
  readonly inactivityMinutes: string;
  readonly absoluteHours: string;
}

export type SessionField = keyof SessionForm;

/** Writes the part as it can be typed. */
export function formatSessions({ inactivityMinutes, absoluteHours }: SessionPolicy): SessionForm {
  return { inactivityMinutes: String(inactivityMinutes), absoluteHours: String(absoluteHours) };
}

/** Reads the part from what was typed, whatever is wrong with it. */
export function parseSessions({ inactivityMinutes, absoluteHours }: SessionForm): SessionPolicy {
  return {
    inactivityMinutes: parseWhole(inactivityMinutes),
    absoluteHours: parseWhole(absoluteHours),
  };
}

/** The fields that would be refused. */
export function findSessionFaults(form: SessionForm): readonly SessionField[] {
  const { inactivityMinutes, absoluteHours } = sessionPolicySchema.shape;
  const sessions = parseSessions(form);
  return [
    ...(inactivityMinutes.safeParse(sessions.inactivityMinutes).success
      ? []
      : (['inactivityMinutes'] as const)),
    ...(absoluteHours.safeParse(sessions.absoluteHours).success
      ? []
      : (['absoluteHours'] as const)),
  ];
}

function parseWhole(text: string): number {
  const typed = text.trim();
  return /^\d{1,4}$/u.test(typed) ? Number(typed) : Number.NaN;
}
