import { z } from 'zod';

const claimValues = z.array(z.string().min(1).max(200)).max(20);

/** What one tenant's administrators decide. Everything is off, and nothing believed, by default. */
export const tenantPolicySchema = z.strictObject({
  /** Lets people without any authenticator confirm deletion and export by an emailed code. */
  emailBaseline: z.boolean(),
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
  emailBaseline: false,
  identityProvider: { acrValues: [], mfaAcr: [], mfaAmr: [] },
};

/** `GET /api/policy`; the version is also the entity tag, and what `If-Match` must name. */
export const policyDocumentSchema = z.object({
  version: z.number().int().nonnegative(),
  policy: tenantPolicySchema,
  /** The identity provider this installation speaks to, or null. */
  issuer: z.string().nullable(),
});

/** One of `GET /api/members` `items`. */
export const memberSchema = z.object({
  id: z.string(),
  name: z.string(),
  email: z.string(),
  role: z.enum(['administrator', 'person']),
  joinedAt: z.iso.datetime(),
  authenticators: z.number().int(),
});

export type TenantPolicy = z.infer<typeof tenantPolicySchema>;
export type PolicyDocument = z.infer<typeof policyDocumentSchema>;
export type MemberItem = z.infer<typeof memberSchema>;
