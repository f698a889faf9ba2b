import { sql } from 'kysely';
import { laneOf } from '../ceremonies/known-device.ts';
import { sourceFields } from '../ceremonies/sign-in.ts';
import { LANE_LIMIT } from '../factors/attempt-budget.ts';
import { ENDS_AT } from '../storage/session-end.ts';
import { addEnrolmentRoutes } from './enrolment-routes.ts';
import type { ServerContext } from './environment.ts';
import { describeSession } from './identity.ts';
import { addIdentityRoutes } from './identity-routes.ts';
import { addKnownDeviceRoutes } from './known-device-routes.ts';
import { problemResponse } from './problem-response.ts';
import { addRecoveryRoutes } from './recovery-routes.ts';
import { addRepudiationRoute } from './repudiation-route.ts';
import type { Routes } from './routes.ts';
import { addSecurityHistoryRoute } from './security-history-route.ts';
import { addSessionTimeRoutes } from './session-time-routes.ts';
import { addStepUpRoutes } from './step-up-routes.ts';
import { UUID } from './uuid.ts';

/** The signed-in person's own: session, authenticators, recovery codes, sessions, step-up. */
export function addAccountRoutes(context: ServerContext, routes: Routes): void {
  routes.open('/api/session', 'the front asks whether anyone is signed in', (c) =>
    c.json(describeSession(c.get('identity'), context.mailPage)),
  );
  addFactorRoutes(context, routes);
  addSessionTimeRoutes(context, routes);
  addSessionRoutes(context, routes);
  addSecurityHistoryRoute(context, routes);
  addKnownDeviceRoutes(context, routes);
  addRepudiationRoute(context, routes);
  addStepUpRoutes(context, routes);
  addEnrolmentRoutes(context, routes);
  addRecoveryRoutes(context, routes);
  addIdentityRoutes(context, routes);
}

function addFactorRoutes({ database }: ServerContext, routes: Routes): void {
  routes.read('/api/authenticators', 'member', async (c, { person }) => {
    const lane = await database.transaction((unit) => laneOf(unit, person.id, c.get('source')));
    const rows = await database.kysely
      .selectFrom('countersign.authenticator as a')
      .leftJoin('twoFactor as t', 't.id', 'a.external_id')
      .leftJoin('countersign.attempt_budget as b', (join) =>
        join.on('b.subject', '=', sql<string>`a.type || ':' || a.id`).on('b.lane', '=', lane),
      )
      .select(['a.id', 'a.type', 'a.name', 'a.backup_eligible', 'a.bound_at', 'a.last_used_at'])
      .select('b.failures')
      .where('a.user_id', '=', person.id)
      .where((eb) => eb.or([eb('t.verified', '=', true), eb('a.type', '=', 'passkey')]))
      .orderBy('a.bound_at')
      .execute();
    const items = rows.map((row) => ({
      id: row.id,
      type: row.type,
      name: row.name ?? 'Authenticator app',
      synced: row.backup_eligible,
      boundAt: (row.bound_at ?? new Date(0)).toISOString(),
      lastUsedAt: row.last_used_at?.toISOString() ?? null,
      locked: (row.failures ?? 0) >= LANE_LIMIT,
    }));
    return c.json({ items, nextCursor: null });
  });
  routes.read('/api/recovery-codes', 'member', async (c, { person }) => {
    const set = await database.kysely
      .selectFrom('countersign.recovery_code_set as s')
      .innerJoin('countersign.recovery_code as r', 'r.user_id', 's.user_id')
      .select((eb) => [
        's.issued_at',
        eb.fn.countAll<string>().as('total'),
        eb.fn.countAll<string>().filterWhere('r.used_at', 'is', null).as('remaining'),
      ])
      .where('s.user_id', '=', person.id)
      .groupBy('s.issued_at')
      .executeTakeFirst();
    return c.json({
      remaining: Number(set?.remaining ?? 0),
      total: Number(set?.total ?? 0),
      issuedAt: set?.issued_at.toISOString() ?? null,
    });
  });
}

function addSessionRoutes({ database }: ServerContext, routes: Routes): void {
  routes.read('/api/sessions', 'member', async (c, { person, session }) => {
    const rows = await database.kysely
      .selectFrom('countersign.authentication_session as a')
      .innerJoin('session as s', 's.id', 'a.session_id')
      .leftJoin('countersign.tenant_policy as q', 'q.tenant_id', 'a.tenant_id')
      .selectAll('a')
      .where('a.user_id', '=', person.id)
      .where('a.ended_at', 'is', null)
      .where('s.expiresAt', '>', sql<Date>`now()`)
      .where(sql<boolean>`${sql.raw(ENDS_AT)} > now()`)
      .orderBy('a.authenticated_at', 'desc')
      .limit(100)
      .execute();
    const items = rows.map((row) => ({
      id: row.sid,
      current: row.sid === session.sid,
      userAgent: row.user_agent,
      address: row.address,
      aal: row.aal,
      methods: row.methods,
      authenticatedAt: row.authenticated_at.toISOString(),
      lastSeenAt: row.last_seen_at.toISOString(),
    }));
    return c.json({ items, nextCursor: null });
  });
  routes.exempt(
    'DELETE',
    '/api/sessions/:id',
    { reason: 'ending a session takes access away and gives none' },
    async (c, { person, session }) => {
      const source = c.get('source');
      const sid = c.req.param('id') ?? '';
      if (!UUID.test(sid)) return problemResponse('not_found', { requestId: source.requestId });
      const isEnded = await database.transaction(async (unit) => {
        if (!(await unit.sessions.end(sid, person.id, 'ended_by_person', unit.now))) return false;
        await unit.record({
          event: 'session.ended',
          outcome: 'success',
          actorId: person.id,
          tenantId: session.tenantId,
          requestId: source.requestId,
          reason: 'ended_by_person',
          details: { sid },
          personal: sourceFields(source),
        });
        return true;
      });
      return isEnded
        ? c.body(null, 204)
        : problemResponse('not_found', { requestId: source.requestId });
    },
  );
}
