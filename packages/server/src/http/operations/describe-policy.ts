import type { MemberMfa, MfaRequirement, TenantPolicy } from '../../contract/index.ts';

interface Fact {
  readonly label: string;
  readonly value: string;
}

/** What another policy would change, each as it is and as it would be; empty when nothing. */
export function describePolicyChanges(before: TenantPolicy, after: TenantPolicy): Fact[] {
  const values = describe(after);
  return describe(before).flatMap(({ label, value: was }, index) => {
    const value = values[index]?.value ?? was;
    return value === was ? [] : [{ label, value: beforeAndAfter(was, value) }];
  });
}

/** Two values of one thing, for whoever confirms its change. */
export function beforeAndAfter(before: string, after: string): string {
  return `${before} → ${after}`;
}

/** From when a rule holds, and how long whoever lacks it has. */
export function describeBeginning({ from, graceDays }: Omit<MemberMfa, 'requirement'>): string {
  const begins = from === null ? 'at once' : `from ${from} (UTC)`;
  if (graceDays === 0) return begins;
  return `${begins}, with ${graceDays === 1 ? '1 day' : `${graceDays} days`} to set it up`;
}

const REQUIREMENTS = {
  optional: 'may have an authenticator',
  required: 'must have an authenticator',
  'required-phishing-resistant': 'must have a passkey',
} as const satisfies Record<MfaRequirement, string>;

/** Every field of a policy, always in the same order. */
function describe({ mfa, emailBaseline, sessions, identityProvider }: TenantPolicy): Fact[] {
  const { acrValues, mfaAcr, mfaAmr } = identityProvider;
  return [
    { label: 'Every member', value: REQUIREMENTS[mfa.everyone] },
    { label: 'Administrators', value: REQUIREMENTS[mfa.administrators] },
    { label: 'This holds', value: describeBeginning(mfa) },
    {
      label: 'Emailed codes',
      value: emailBaseline ? 'accepted from people without an authenticator' : 'not accepted',
    },
    { label: 'Signed out when unused for', value: `${sessions.inactivityMinutes} minutes` },
    { label: 'Signed out in any case after', value: hours(sessions.absoluteHours) },
    { label: 'Provider is asked for', value: list(acrValues) },
    { label: 'Provider levels (acr) that mean MFA', value: list(mfaAcr) },
    { label: 'Provider methods (amr) that mean MFA', value: list(mfaAmr) },
  ];
}

function hours(count: number): string {
  return count === 1 ? '1 hour' : `${count} hours`;
}

/** Two lists that differ never read the same, whatever is in them. */
function list(values: readonly string[]): string {
  if (values.length === 0) return 'none';
  return values
    .map((it) => (/^[^\s,"]+$/u.test(it) && it !== 'none' ? it : JSON.stringify(it)))
    .join(', ');
}
