import { sql } from 'kysely';
import type { AuthenticationSession } from '../ceremonies/ports.ts';
import { sourceFields } from '../ceremonies/sign-in.ts';
import { answerStepUp, SessionGoneError, type StepUpAnswer } from '../ceremonies/step-up.ts';
import { stepUpVerifyRequestSchema } from '../contract/index.ts';
import { LANE_LIMIT } from '../factors/attempt-budget.ts';
import { admitAttempt } from '../storage/source-window-store.ts';
import type { ServerContext } from './environment.ts';
import { describeSession } from './identity.ts';
import { problemResponse } from './problem-response.ts';
import type { Routes } from './routes.ts';
import { parseStrictJson } from './strict-json.ts';

/** The signed-in person's own: session, authenticators, recovery codes, sessions, step-up. */
export function addAccountRoutes(context: ServerContext, routes: Routes): void {
  routes.open('/api/session', 'the front asks whether anyone is signed in', (c) =>
    c.json(describeSession(c.get('identity'), context.mailPage)),
  );
  addFactorRoutes(context, routes);
  addSessionRoutes(context, routes);
  addStepUpRoutes(context, routes);
}

function addFactorRoutes({ database }: ServerContext, routes: Routes): void {
  routes.read('/api/authenticators', 'member', async (c, { person }) => {
    const rows = await database.kysely
      .selectFrom('countersign.authenticator as a')
      .innerJoin('twoFactor as t', 't.id', 'a.external_id')
      .leftJoin('countersign.attempt_budget as b', (join) =>
        join.on('b.subject', '=', sql<string>`'totp:' || a.id`).on('b.lane', '=', 'stranger'),
      )
      .select(['a.id', 'a.bound_at', 'a.last_used_at', 'b.failures'])
      .where('a.user_id', '=', person.id)
      .where('t.verified', '=', true)
      .execute();
    const items = rows.map((row) => ({
      id: row.id,
      type: 'totp' as const,
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
      .selectAll('a')
      .where('a.user_id', '=', person.id)
      .where('a.ended_at', 'is', null)
      .where('s.expiresAt', '>', new Date())
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

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

function addStepUpRoutes(context: ServerContext, routes: Routes): void {
  const { database } = context;
  routes.read('/api/step-up/:id', 'member', async (c, { session }) => {
    const { requestId } = c.get('source');
    const id = c.req.param('id') ?? '';
    if (!UUID.test(id)) return problemResponse('not_found', { requestId });
    return database.transaction(async (unit) => {
      const row = await unit.stepUps.lock(id, session.sid);
      if (row === null) return problemResponse('not_found', { requestId });
      const isOver = row.verifiedAt === null && row.expiresAt <= unit.now;
      const verified = row.verifiedAt === null ? 'open' : 'verified';
      const status = row.consumedAt !== null ? 'consumed' : isOver ? 'expired' : verified;
      const { operation, display, methods } = row;
      return c.json({
        status,
        operation,
        display,
        methods,
        expiresAt: row.expiresAt.toISOString(),
      });
    });
  });
  routes.exempt(
    'POST',
    '/api/step-up/:id/verify',
    { reason: 'this is the confirmation itself; it carries its own factor and budget' },
    async (c, { session, token }) => {
      const source = c.get('source');
      const id = c.req.param('id') ?? '';
      const body = await parseBody(c.req.raw);
      if (body === null || !UUID.test(id)) {
        return problemResponse('malformed', { requestId: source.requestId });
      }
      if (!(await admitAttempt(database, source))) {
        return problemResponse('too_many_attempts', {
          requestId: source.requestId,
          retryAfterSeconds: 60,
        });
      }
      const { verifier, random } = context;
      const answer = await database
        .transaction((unit) =>
          answerStepUp(unit, { id, session, token, code: body.code, verifier, random, source }),
        )
        .catch((error: unknown) => {
          if (error instanceof SessionGoneError) return { kind: 'session_gone' as const };
          throw error;
        });
      if (answer.kind === 'session_gone') {
        return problemResponse('session_required', { requestId: source.requestId });
      }
      return stepUpResponse(context, { answer, session, requestId: source.requestId });
    },
  );
}

async function parseBody(request: Request): Promise<{ readonly code: string } | null> {
  try {
    const parsed = stepUpVerifyRequestSchema.safeParse(parseStrictJson(await request.text()));
    return parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
}

async function stepUpResponse(
  context: ServerContext,
  options: { answer: StepUpAnswer; session: AuthenticationSession; requestId: string },
): Promise<Response> {
  const { answer, requestId } = options;
  switch (answer.kind) {
    case 'granted':
      return new Response(JSON.stringify(answer.grant), {
        headers: {
          'content-type': 'application/json',
          'cache-control': 'no-store',
          'set-cookie': await context.cookies.serializeSession(answer.newToken),
        },
      });
    case 'rejected':
      return problemResponse('code_rejected', { requestId });
    case 'throttled':
      return problemResponse('too_many_attempts', {
        requestId,
        retryAfterSeconds: answer.retryAfterSeconds,
      });
    case 'not_found':
      return problemResponse('not_found', { requestId });
    case 'expired':
      return problemResponse('grant_expired', { requestId });
    case 'conflict':
      return problemResponse('conflict', { requestId });
  }
}
