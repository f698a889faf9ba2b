import { z } from 'zod';

const claimValues = z.array(z.string().min(1).max(200)).max(20);

/** Weakest first; `required-phishing-resistant` is a passkey. */
export const mfaRequirementSchema = z.enum(['optional', 'required', 'required-phishing-resistant']);

/** The UTC day from which something holds, `YYYY-MM-DD`, of 2000 or later. */
const dayFrom = z.iso.date().refine((day) => day >= '2000-01-01');

const graceDays = z.number().int().min(0).max(90);

/** Who must have more than a password, and from when. */
export const mfaPolicySchema = z.strictObject({
  /** For every member. */
  everyone: mfaRequirementSchema,
  /** For administrators; the stricter of the two holds for them. */
  administrators: mfaRequirementSchema,
  /** The day from which it holds; null when it holds at once. */
  from: dayFrom.nullable(),
  /** Days each person has from then, or from joining, whichever is later. */
  graceDays,
});

/** What is asked of one member alone. It adds to what the tenant asks, and takes nothing away. */
export const memberMfaSchema = z.strictObject({
  requirement: mfaRequirementSchema,
  /** The day from which it holds; null when it holds at once. */
  from: dayFrom.nullable(),
  /** Days they have from then, or from joining, whichever is later. */
  graceDays,
});

/** What the installation asks of the administrators of its platform: never nothing. */
export const platformRequirementSchema = mfaRequirementSchema.exclude(['optional']);

/**
 * When a session ends by itself, whatever its person wants. The bounds are those of NIST SP 800-63B-4
 * section 2.2.3 for AAL2, and hold at every level.
 */
export const sessionPolicySchema = z.strictObject({
  /** Minutes without activity. */
  inactivityMinutes: z.number().int().min(5).max(60),
  /** Hours after authentication, active or not. */
  absoluteHours: z.number().int().min(1).max(24),
});

/** What one tenant's administrators decide. Everything is off, and nothing believed, by default. */
export const tenantPolicySchema = z.strictObject({
  mfa: mfaPolicySchema,
  /** Lets people without any authenticator confirm deletion and export by an emailed code. */
  emailBaseline: z.boolean(),
  sessions: sessionPolicySchema,
  identityProvider: z.strictObject({
    /** Asked for as `acr_values`, best first; asking proves nothing. */
    acrValues: claimValues,
    /** Signed `acr` values that mean multi-factor authentication at the provider. */
    mfaAcr: claimValues,
    /** Signed `amr` values of which one means multi-factor authentication at the provider. */
    mfaAmr: claimValues,
  }),
});

/** A tenant's policy before anyone changed it. */
export const defaultTenantPolicy: TenantPolicy = {
  mfa: { everyone: 'optional', administrators: 'optional', from: null, graceDays: 0 },
  emailBaseline: false,
  sessions: { inactivityMinutes: 30, absoluteHours: 12 },
  identityProvider: { acrValues: [], mfaAcr: [], mfaAmr: [] },
};

/** A stored policy; what it does not name, because it is older, is as by default. */
export function parseStoredPolicy(stored: unknown): TenantPolicy {
  return tenantPolicySchema.parse({ ...defaultTenantPolicy, ...(stored as object) });
}

/** `GET /api/policy`; the version is also the entity tag, and what `If-Match` must name. */
export const policyDocumentSchema = z.object({
  version: z.number().int().nonnegative(),
  policy: tenantPolicySchema,
  /** The identity provider this installation speaks to, or null. */
  issuer: z.string().nullable(),
});

/** `POST /api/policy/preview`: the MFA part of a policy that is not saved yet. */
export const policyPreviewRequestSchema = z.strictObject({ mfa: mfaPolicySchema });

const previewedPeopleSchema = z.object({
  total: z.number().int(),
  /** The first twenty, by name. */
  people: z.array(z.object({ id: z.string(), name: z.string(), email: z.string() })),
});

/** Its answer: nothing is changed by asking. */
export const policyPreviewSchema = z.object({
  /** Members who lack what is asked for, now or when their grace is over. */
  affected: previewedPeopleSchema,
  /** Of these, whom it would keep at their enrolment at once. */
  atOnce: z.number().int(),
  /** Of these again, who could not enrol: no code can reach them, since their address is unverified. */
  lockedOut: previewedPeopleSchema,
  /** Who could not once their grace is over, unless they enrol before; the two have nobody in common. */
  lockedOutLater: previewedPeopleSchema,
});

/** One of `GET /api/members` `items`. */
export const memberSchema = z.object({
  id: z.string(),
  name: z.string(),
  email: z.string(),
  role: z.enum(['administrator', 'person']),
  joinedAt: z.iso.datetime(),
  authenticators: z.number().int(),
  /** Since when the account is frozen, where this tenant's administrators can let it in again. */
  frozenAt: z.iso.datetime().nullable(),
  /** What is asked of this member alone; null for nothing more than of everyone. */
  mfa: memberMfaSchema.nullable(),
});

export type MfaPolicy = z.infer<typeof mfaPolicySchema>;
export type MemberMfa = z.infer<typeof memberMfaSchema>;
export type MfaRequirement = z.infer<typeof mfaRequirementSchema>;
export type PlatformRequirement = z.infer<typeof platformRequirementSchema>;
export type SessionPolicy = z.infer<typeof sessionPolicySchema>;
export type PolicyPreview = z.infer<typeof policyPreviewSchema>;
export type TenantPolicy = z.infer<typeof tenantPolicySchema>;
export type PolicyDocument = z.infer<typeof policyDocumentSchema>;
export type MemberItem = z.infer<typeof memberSchema>;
