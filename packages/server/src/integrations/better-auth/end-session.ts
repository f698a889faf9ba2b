import type { RequestSource } from '../../ceremonies/ports.ts';
import { bearerHash, sourceFields } from '../../ceremonies/sign-in.ts';
import type { EventInput } from '../../events/entry.ts';
import { type Gate, sessionIn } from './gate-context.ts';

/** Ends what this browser holds: its session, and its own unfinished sign-in, nobody else's. */
export async function endSession({ server, identity, source, headers }: Gate): Promise<void> {
  const token = await server.cookies.readPending(headers);
  const session = identity.state === 'none' ? null : sessionIn(identity);
  await server.database.transaction(async (unit) => {
    const pendingFor = token === null ? null : await unit.pendingSignIns.end(bearerHash(token));
    if (pendingFor !== null) {
      const tenantId = await unit.people.firstTenant(pendingFor);
      await unit.record(
        endedEvent({ source, actorId: pendingFor, tenantId, reason: 'sign_in_abandoned' }),
      );
    }
    if (session === null) return;
    const { sid, userId, tenantId } = session;
    if (!(await unit.sessions.end(sid, userId, 'signed_out', unit.now))) return;
    await unit.record({
      ...endedEvent({ source, actorId: userId, tenantId, reason: 'signed_out' }),
      details: { sid },
    });
  });
}

function endedEvent(options: {
  source: RequestSource;
  actorId: string;
  tenantId: string | null;
  reason: string;
}): EventInput {
  const { source, ...rest } = options;
  return {
    event: 'session.ended',
    outcome: 'success',
    ...rest,
    requestId: source.requestId,
    personal: sourceFields(source),
  };
}
