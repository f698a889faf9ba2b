import { sourceFields } from '../ceremonies/sign-in.ts';
import { touchSession } from '../storage/session-end.ts';
import type { ServerContext } from './environment.ts';
import { describeExpiry, identify } from './identity.ts';
import { type Routes, refuse, signedInFor } from './routes.ts';

/** Often enough that the answer is true to these seconds, seldom enough that asking costs little. */
const EXTEND_SECONDS = 5;

/** Staying signed in, and leaving everywhere else. */
export function addSessionTimeRoutes(context: ServerContext, routes: Routes): void {
  const { database } = context;
  routes.exempt(
    'POST',
    '/api/session/extend',
    {
      reason: 'keeps a session from ending for want of use, as any other request in it does',
      standing: 'unproved',
    },
    async (c, { session: { sid } }) => {
      await touchSession(database.pool, { sid, atMostEverySeconds: EXTEND_SECONDS });
      // Read again, not reckoned: what has ended meanwhile stays over, and the policy may have changed.
      const identity = await identify(context, c.req.raw.headers, { isActivity: false });
      const signedIn = signedInFor(identity, 'unproved');
      if (typeof signedIn === 'string') return refuse(context, c, signedIn);
      return c.json({ expiry: describeExpiry(signedIn.expiry) });
    },
  );
  routes.exempt(
    'DELETE',
    '/api/sessions',
    { reason: 'ending other sessions takes access away and gives none' },
    async (c, { person, session }) => {
      const source = c.get('source');
      const ended = await database.transaction(async (unit) => {
        const sids = await unit.sessions.endAll(
          person.id,
          session.sid,
          'ended_by_person',
          unit.now,
        );
        for (const sid of sids) {
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
        }
        return sids.length;
      });
      return c.json({ ended });
    },
  );
}
