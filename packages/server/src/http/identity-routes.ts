import { linkIdentity, refuseLink } from '../ceremonies/link-identity.ts';
import type { Unit } from '../ceremonies/ports.ts';
import {
  journeyHash,
  journeyUrl,
  newJourney,
  redeemJourney,
  takeJourney,
} from '../ceremonies/provider-journey.ts';
import { providerResponseSchema } from '../contract/index.ts';
import { admitAttempt } from '../storage/source-window-store.ts';
import type { ServerContext } from './environment.ts';
import { parseJsonBody } from './parse-json-body.ts';
import { problemResponse } from './problem-response.ts';
import { type Member, type RouteContext, type Routes, refuse } from './routes.ts';

/** The person's accounts at their organisation's provider, and what an operation allowed to be linked. */
export function addIdentityRoutes(context: ServerContext, routes: Routes): void {
  const { database, identityProviders } = context;
  routes.read('/api/identities', 'member', async (c, { person, tenant }) => {
    const recorded = await database.transaction((unit) => unit.tenantProviders.find(tenant.id));
    const issuer = identityProviders.issuerOf(recorded);
    const rows = await database.kysely
      .selectFrom('countersign.identity')
      .selectAll()
      .where('user_id', '=', person.id)
      .where('tenant_id', '=', tenant.id)
      .orderBy('created_at')
      .execute();
    const items = rows.map((row) => ({
      id: row.id,
      issuer: row.issuer,
      linkedAt: row.created_at.toISOString(),
      lastUsedAt: row.last_used_at?.toISOString() ?? null,
      isInUse: row.issuer === issuer,
    }));
    return c.json({ items, nextCursor: null, issuer });
  });
  routes.exempt(
    'POST',
    '/api/identities/begin',
    { reason: 'sets out on the one journey that identity.link allowed this session' },
    (c, member) => begin(context, c, member),
  );
  routes.exempt(
    'POST',
    '/api/identities/finish',
    { reason: 'finishes identity.link: same session and browser, with the answer it set out for' },
    (c, member) => finish(context, c, member),
  );
}

async function begin(context: ServerContext, c: RouteContext, member: Member): Promise<Response> {
  const { database, identityProviders, random } = context;
  const { requestId } = c.get('source');
  const { session, person, tenant } = member;
  const { recorded, acrValues } = await database.transaction((unit) => readTenant(unit, tenant.id));
  const provider = identityProviders.of(tenant.id, recorded);
  if (provider === null) return problemResponse('not_found', { requestId });
  // The network's work, before anything is spent.
  await provider.ready();
  const secrets = newJourney(random);
  const isAllowed = await database.transaction((unit) =>
    unit.providerJourneys.depart({
      sid: session.sid,
      stateHash: journeyHash(secrets.state),
      browserHash: journeyHash(secrets.browser),
      providerVersion: recorded.version,
      now: unit.now,
    }),
  );
  if (!isAllowed) return refuse(context, c, 'challenge_unknown');
  const asked = { acrValues, loginHint: person.email, maxAgeSeconds: 0 };
  const url = await journeyUrl(provider, secrets, asked);
  c.header('set-cookie', await context.cookies.serializeJourney(secrets.browser));
  return c.json({ url, state: secrets.state });
}

async function finish(context: ServerContext, c: RouteContext, member: Member): Promise<Response> {
  const { database, identityProviders, cookies } = context;
  const source = c.get('source');
  const { requestId } = source;
  const { session } = member;
  const body = await parseJsonBody(c.req.raw, providerResponseSchema, requestId);
  if (body instanceof Response) return body;
  if (!(await admitAttempt(database, source))) {
    return problemResponse('too_many_attempts', { requestId, retryAfterSeconds: 60 });
  }
  const returnUrl = new URL(body.value.returnUrl);
  const browser = await cookies.readJourney(c.req.raw.headers);
  const actor = { session, source };
  const returned = await database.transaction(async (unit) => {
    const { sid } = session;
    const taken = await takeJourney(unit, { returnUrl, browser, sid, identityProviders });
    if (taken === null) await refuseLink(unit, actor, 'not_begun');
    return taken;
  });
  if (returned === null) return problemResponse('challenge_unknown', { requestId });
  const claims = await redeemJourney(returned, { mustBeFresh: true });
  const linking = await database.transaction((unit) =>
    linkIdentity(unit, { ...actor, returned, claims }),
  );
  c.header('set-cookie', await cookies.serializeJourney(''));
  if (linking.kind === 'linked') return c.json({ id: linking.id }, 201);
  switch (linking.reason) {
    case 'linked_already':
      return problemResponse('conflict', { requestId });
    case 'session_over':
      return problemResponse('session_required', { requestId });
    default:
      return problemResponse('code_rejected', { requestId });
  }
}

async function readTenant(unit: Unit, tenantId: string) {
  const recorded = await unit.tenantProviders.find(tenantId);
  const { policy } = await unit.policies.find(tenantId);
  return { recorded, acrValues: policy.identityProvider.acrValues };
}
