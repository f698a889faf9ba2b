import { z } from 'zod';
import { operation, secret } from '../../ceremonies/operation.ts';
import type { OwnProvider, TenantProvider } from '../../ceremonies/provider-ports.ts';
import { sourceFields } from '../../ceremonies/sign-in.ts';
import { signInNameSchema } from '../../contract/index.ts';
import { tenantProviderStore } from '../../storage/tenant-provider-store.ts';
import type { Tx } from '../../storage/transaction.ts';
import type { ServerContext } from '../environment.ts';
import { problemResponse } from '../problem-response.ts';
import { ActRefused } from '../run-guarded.ts';
import type { AccountOperation } from './account-operation.ts';

const schema = z.strictObject({
  /** From `If-Match`: what the administrator looked at. */
  version: z
    .string()
    .regex(/^(0|[1-9]\d{0,8})$/)
    .transform(Number),
  signInName: signInNameSchema.nullable(),
  /** Both null: the installation's provider, or none. */
  issuer: z.string().max(1000).nullable(),
  clientId: z.string().min(1).max(1000).nullable(),
  /** Left out where issuer and client stay as they are. */
  clientSecret: z.string().min(1).max(1000).meta(secret).optional(),
  maxAgeSeconds: z.number().int().min(0).max(86_400),
});

type Parameters = z.infer<typeof schema>;

/** Another identity provider for the tenant, compared with the version that was looked at. */
export const changeIdentityProviderOperation: AccountOperation<Parameters> = {
  operation: operation<Parameters>(schema as never)
    .authorize(async (actor, _params, _tx: Tx) => actor.role === 'administrator')
    .resolve(async (params, tx, actor) => {
      const recorded = await tenantProviderStore(tx).find(actor.tenantId);
      if (recorded.version !== params.version) return 'precondition_failed';
      const { issuer, clientId, signInName, maxAgeSeconds } = params;
      return {
        title: "Change the organisation's identity provider",
        action: 'Change provider',
        facts: [
          { label: 'Provider', value: issuer ?? "the installation's, where there is one" },
          { label: 'Client', value: clientId ?? 'none of its own' },
          { label: 'Client secret', value: secretFact(params) },
          { label: 'People sign in with the name', value: signInName ?? 'none: nobody can' },
          { label: 'A sign-in there counts for', value: `${maxAgeSeconds} seconds` },
          { label: 'Whoever it vouched for', value: endsSessions(recorded, params) },
          { label: 'For everyone in', value: actor.tenantName },
        ],
        itemsLabel: 'Provider',
        items: [],
        irreversible: false,
      };
    })
    .requires({ acr: 'aal2', maxAge: 0 }),
  route: { method: 'PUT', path: '/api/identity-provider', headers: { 'if-match': 'version' } },
  perform: async (proof, params, { server, source }) => {
    const { tenantId, sid } = proof.actor;
    const { version, signInName, maxAgeSeconds } = params;
    const before = await server.database.transaction((unit) => unit.tenantProviders.find(tenantId));
    const own = ownOf(server, { tenantId, params, before });
    const after = { signInName, maxAgeSeconds, own };
    const isReplaced = isOther(before, params);
    if (own !== null && isReplaced) {
      await proof.prepare(() => tryOut(server, tenantId, { ...after, version: version + 1 }));
    }
    return proof.commit(async (_tx, { unit, changed }) => {
      const done = await unit.tenantProviders.change(tenantId, version, after);
      if (done === 'taken') throw new ActRefused('conflict');
      if (done === 'outdated' || before.version !== version) {
        throw new ActRefused('precondition_failed');
      }
      // What the former provider said of anyone is over with it.
      const ended = isReplaced ? await unit.sessions.endVouched(tenantId, sid, unit.now) : [];
      for (const session of ended) {
        await unit.record({
          event: 'session.ended',
          outcome: 'success',
          actorId: session.userId,
          tenantId,
          requestId: source.requestId,
          reason: 'provider_changed',
          details: { sid: session.sid },
          personal: sourceFields(source),
        });
      }
      changed({ before: summary(before), after: summary(after) });
      return { version: version + 1 };
    });
  },
  // Told before anybody is asked to confirm it.
  checkSecrets: (server) => async (params, actor, source) => {
    if (actor.role !== 'administrator') return null;
    const { tenantId } = actor;
    const before = await server.database.transaction((unit) => unit.tenantProviders.find(tenantId));
    const path = faultyField(server, { params, before });
    if (path === null) return null;
    return problemResponse('parameters_invalid', {
      requestId: source.requestId,
      errors: [{ path, message: FAULTS[path] }],
    });
  },
};

const FAULTS = {
  issuer: 'must be an https address with a host name',
  clientId: 'goes with the issuer',
  clientSecret: 'is needed where issuer or client are new, and goes with them',
} as const;

/** What does not go together; null when all does. A secret goes with the issuer it was given for. */
function faultyField(
  { identityProviders }: ServerContext,
  { params, before }: { readonly params: Parameters; readonly before: TenantProvider },
): keyof typeof FAULTS | null {
  const { issuer, clientId, clientSecret } = params;
  if ((issuer === null) !== (clientId === null)) return 'clientId';
  if (issuer === null) return clientSecret === undefined ? null : 'clientSecret';
  if (identityProviders.issuerFault(issuer) !== null) return 'issuer';
  const isSame = before.own?.issuer === issuer && before.own.clientId === clientId;
  return isSame || clientSecret !== undefined ? null : 'clientSecret';
}

/** The provider as it will be stored. */
function ownOf(
  server: ServerContext,
  options: {
    readonly tenantId: string;
    readonly params: Parameters;
    readonly before: TenantProvider;
  },
): OwnProvider | null {
  const { tenantId, params, before } = options;
  if (faultyField(server, options) !== null) throw new ActRefused('parameters_invalid');
  const { issuer, clientId, clientSecret } = params;
  if (issuer === null || clientId === null) return null;
  if (clientSecret === undefined) return before.own;
  const sealedFor = { tenantId, issuer, clientId };
  return { issuer, clientId, sealedSecret: server.identityProviders.seal(sealedFor, clientSecret) };
}

/** A provider that does not answer as it must is not recorded: nobody could sign in. */
async function tryOut(
  { identityProviders }: ServerContext,
  tenantId: string,
  recorded: TenantProvider,
): Promise<void> {
  try {
    await identityProviders.of(tenantId, recorded)?.ready();
  } catch {
    throw new ActRefused('provider_rejected');
  }
}

function isOther(before: TenantProvider, { issuer, clientId, clientSecret }: Parameters): boolean {
  const isSame = (before.own?.issuer ?? null) === issuer && before.own?.clientId === clientId;
  return issuer === null ? before.own !== null : !isSame || clientSecret !== undefined;
}

function secretFact({ issuer, clientSecret }: Parameters): string {
  if (issuer === null) return 'none';
  return clientSecret === undefined ? 'stays as it is' : 'is replaced';
}

function endsSessions(before: TenantProvider, params: Parameters): string {
  return isOther(before, params) ? 'is signed out' : 'stays signed in';
}

function summary({ signInName, maxAgeSeconds, own }: Omit<TenantProvider, 'version'>) {
  const { issuer = null, clientId = null } = own ?? {};
  return { signInName, maxAgeSeconds, issuer, clientId };
}
