import { type MfaPolicy, type MfaRequirement, mfaRequirementSchema } from '../contract/index.ts';

export type { MfaRequirement } from '../contract/index.ts';

/** One rule as it applies to one person. */
export interface EnforcementRule {
  readonly scope: 'platform' | 'tenant' | 'role' | 'person';
  readonly requirement: MfaRequirement;
  /** When the rule begins; null when it always held. */
  readonly from: Date | null;
  /** Whole days a person has from then, or from joining, whichever is later. */
  readonly graceDays: number;
}

export interface EnforcementFacts {
  readonly rules: readonly EnforcementRule[];
  /** When the person joined; signing in again does not move it. */
  readonly joinedAt: Date;
  readonly now: Date;
}

/** A requirement, the scope of the rule it comes from, and when it came, or comes, into force. */
export interface DatedRequirement {
  readonly requirement: MfaRequirement;
  readonly by: EnforcementRule['scope'];
  readonly at: Date;
}

export interface EnforcementDecision {
  /** The strictest requirement whose grace is over; null when nothing is asked. */
  readonly inForce: DatedRequirement | null;
  /** The next stricter requirement; null when none is to come. */
  readonly upcoming: DatedRequirement | null;
}

const DAY_MS = 86_400_000;

/**
 * Decides which requirement holds for a person now, and which comes next. The strictest applicable rule
 * wins; a rule holds from the end of its grace, which depends on the rule and on when the person joined,
 * and on nothing they do.
 */
export function decideEnforcement({ rules, joinedAt, now }: EnforcementFacts): EnforcementDecision {
  const dated = rules
    .filter(({ requirement }) => requirement !== 'optional')
    .map((rule) => ({
      requirement: rule.requirement,
      by: rule.scope,
      at: deadlineOf(rule, joinedAt),
    }));
  const inForce = dated.filter(({ at }) => at <= now).reduce(stricter, null);
  const held = strength(inForce?.requirement ?? 'optional');
  const upcoming = dated
    .filter(({ at, requirement }) => at > now && strength(requirement) > held)
    .reduce(sooner, null);
  return { inForce, upcoming };
}

/** What a person lacks of what is asked, now or from `at`. */
export interface EnforcementStatus {
  readonly requirement: Exclude<MfaRequirement, 'optional'>;
  readonly at: Date;
  readonly isInForce: boolean;
}

/** What the person lacks: of what is in force first, else of what is to come; null when nothing. */
export function statusOf(
  { inForce, upcoming }: EnforcementDecision,
  { hasTotp, hasPasskey }: { readonly hasTotp: boolean; readonly hasPasskey: boolean },
): EnforcementStatus | null {
  for (const asked of [inForce, upcoming]) {
    if (asked === null || asked.requirement === 'optional') continue;
    const { requirement, at } = asked;
    const isMet = hasPasskey || (hasTotp && requirement === 'required');
    if (!isMet) return { requirement, at, isInForce: asked === inForce };
  }
  return null;
}

/** A tenant's rules as they apply to one of its members. */
export function rulesOf(
  { everyone, administrators, from, graceDays }: MfaPolicy,
  role: 'administrator' | 'person',
): EnforcementRule[] {
  const dated = { from: from === null ? null : new Date(`${from}T00:00:00Z`), graceDays };
  const tenant = { scope: 'tenant', requirement: everyone, ...dated } as const;
  return role === 'administrator'
    ? [tenant, { scope: 'role', requirement: administrators, ...dated }]
    : [tenant];
}

/** Whether `requirement` asks for at least what `other` does. */
export function isAtLeast(requirement: MfaRequirement, other: MfaRequirement): boolean {
  return strength(requirement) >= strength(other);
}

function deadlineOf({ from, graceDays }: EnforcementRule, joinedAt: Date): Date {
  const begins = Math.max(from?.getTime() ?? 0, joinedAt.getTime());
  return new Date(begins + graceDays * DAY_MS);
}

/** Of two equally strict the one that has held longer. */
function stricter(best: DatedRequirement | null, it: DatedRequirement): DatedRequirement {
  if (best === null) return it;
  const difference = strength(it.requirement) - strength(best.requirement);
  return difference > 0 || (difference === 0 && it.at < best.at) ? it : best;
}

/** Of two at the same moment the stricter: the person is told of what they will need. */
function sooner(best: DatedRequirement | null, it: DatedRequirement): DatedRequirement {
  if (best === null || it.at < best.at) return it;
  return it.at.getTime() === best.at.getTime() ? stricter(best, it) : best;
}

function strength(requirement: MfaRequirement): number {
  return mfaRequirementSchema.options.indexOf(requirement);
}
