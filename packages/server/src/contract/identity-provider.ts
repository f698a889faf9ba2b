import { z } from 'zod';

/** What people type to say which organisation's sign-in they want. */
export const signInNameSchema = z
  .string()
  .toLowerCase()
  .regex(/^[a-z0-9][a-z0-9-]{1,38}[a-z0-9]$/u);

/** A provider of the tenant's own. Its client secret is written and never read back. */
const ownProviderSchema = z.object({
  issuer: z.string(),
  clientId: z.string(),
});

/** `GET /api/identity-provider`; the version is also the entity tag, and what `If-Match` must name. */
export const identityProviderDocumentSchema = z.object({
  version: z.number().int().nonnegative(),
  /** Null while nobody can sign in by the organisation's provider. */
  signInName: z.string().nullable(),
  /** Null where the tenant has the installation's provider, or none. */
  own: ownProviderSchema.nullable(),
  /** How old a sign-in at the provider may be and still count as multi-factor, in seconds. */
  maxAgeSeconds: z.number().int(),
  /** The issuer in use: the tenant's own, the installation's, or null. */
  issuer: z.string().nullable(),
  /** The tenant's alone, and always the same: to be registered at a provider of its own, and no others. */
  redirectUris: z.array(z.string()),
  /** Signed values that the policy takes for multi-factor authentication. */
  policy: z.object({ mfaAcr: z.array(z.string()), mfaAmr: z.array(z.string()) }),
  /** Members, and those of them whose account at the provider in use is linked. */
  population: z.object({ members: z.number().int(), linked: z.number().int() }),
  /** Sign-ins the provider vouched for, and those of them whose signed claims meant multi-factor. */
  flow: z.object({
    days: z.number().int(),
    signIns: z.number().int(),
    multiFactor: z.number().int(),
  }),
});

/** One of `GET /api/identities` `items`: the person's account at the active tenant's provider. */
export const identitySchema = z.object({
  id: z.uuid(),
  issuer: z.string(),
  linkedAt: z.iso.datetime(),
  lastUsedAt: z.iso.datetime().nullable(),
  /** False for an account at a provider the tenant no longer has. */
  isInUse: z.boolean(),
});

/** `GET /api/identities` */
export const identitiesSchema = z.object({
  items: z.array(identitySchema),
  nextCursor: z.null(),
  /** The provider an account can be linked at; null where the tenant has none. */
  issuer: z.string().nullable(),
});

/** `POST /api/identities/begin`: where to send the browser, and the state it will bring back. */
export const providerJourneySchema = z.object({ url: z.url(), state: z.string() });

export type Identities = z.infer<typeof identitiesSchema>;
export type IdentityItem = z.infer<typeof identitySchema>;
export type IdentityProviderDocument = z.infer<typeof identityProviderDocumentSchema>;
export type ProviderJourney = z.infer<typeof providerJourneySchema>;
