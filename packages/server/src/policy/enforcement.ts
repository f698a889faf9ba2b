import {
  type MemberMfa,
  type MfaPolicy,
  type MfaRequirement,
  mfaRequirementSchema,
} from '../contract/index.ts';

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

/** What answers a requirement. */
export interface Held {
  readonly hasTotp: boolean;
  readonly hasPasskey: boolean;
}

/**
 * What the person lacks: of what is in force first, else of what is to come; null when nothing. Rules they
 * meet are left out before it is decided, so that none that is met hides one that comes later and is not.
 */
export function statusOf(
  { rules, ...facts }: EnforcementFacts,
  held: Held,
): EnforcementStatus | null {
  const unmet = rules.filter(({ requirement }) => !isMet(requirement, held));
  const { inForce, upcoming } = decideEnforcement({ ...facts, rules: unmet });
  const asked = inForce ?? upcoming;
  if (asked === null || asked.requirement === 'optional') return null;
  const { requirement, at } = asked;
  return { requirement, at, isInForce: asked === inForce };
}

/** All that decides which rules one member is under. */
export interface Membership {
  /** The tenant's policy; null when nobody decided. */
  readonly policy: MfaPolicy | null;
  readonly role: 'administrator' | 'person';
  /** What the installation asks of them as an administrator of its platform; null of everybody else. */
  readonly platform: MfaRequirement | null;
  /** What is asked of this member alone; null for nothing more. */
  readonly own: MemberMfa | null;
}

/** The rules a member is under. Each only adds: nothing here takes one away. */
export function rulesOf({ policy, role, platform, own }: Membership): EnforcementRule[] {
  const rules: EnforcementRule[] = [];
  if (platform !== null) {
    rules.push({ scope: 'platform', requirement: platform, from: null, graceDays: 0 });
  }
  if (policy !== null) {
    const { everyone, administrators, graceDays } = policy;
    const dated = { from: beginningOf(policy.from), graceDays };
    rules.push({ scope: 'tenant', requirement: everyone, ...dated });
    if (role === 'administrator') {
      rules.push({ scope: 'role', requirement: administrators, ...dated });
    }
  }
  if (own !== null) {
    const { requirement, from, graceDays } = own;
    rules.push({ scope: 'person', requirement, from: beginningOf(from), graceDays });
  }
  return rules;
}

/** Whether `requirement` asks for at least what `other` does. */
export function isAtLeast(requirement: MfaRequirement, other: MfaRequirement): boolean {
  return strength(requirement) >= strength(other);
}

function isMet(requirement: MfaRequirement, { hasTotp, hasPasskey }: Held): boolean {
  if (requirement === 'optional' || hasPasskey) return true;
  return requirement === 'required' && hasTotp;
}

function beginningOf(day: string | null): Date | null {
  return day === null ? null : new Date(`${day}T00:00:00Z`);
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
