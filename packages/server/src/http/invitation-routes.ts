import type { Handler } from 'hono';
import { z } from 'zod';
import {
  acceptAsNewPerson,
  acceptInSession,
  lookAtInvitation,
  refuse as refuseInvitation,
} from '../ceremonies/invitations.ts';
import { judgeNewPassword } from '../ceremonies/new-password.ts';
import { sourceFields } from '../ceremonies/sign-in.ts';
import { invitationAcceptRequestSchema, invitationLinkRequestSchema } from '../contract/index.ts';
import { listInvitations } from '../storage/invitation-list.ts';
import { admitAttempt } from '../storage/source-window-store.ts';
import type { RouteEnvironment, ServerContext } from './environment.ts';
import { cutPage, namedPageQuery } from './named-page.ts';
import { parseJsonBody } from './parse-json-body.ts';
import { passwordRefusal } from './password-refusal.ts';
import { problemResponse } from './problem-response.ts';
import { queryFault } from './query-fault.ts';
import { type RouteContext, type Routes, refuse, signedInFor } from './routes.ts';
import { UUID } from './uuid.ts';

const invitationsQuerySchema = namedPageQuery(z.uuid());

/** Invitations: what administrators see of them and take back, and how they are accepted. */
export function addInvitationRoutes(context: ServerContext, routes: Routes): void {
  addOpenInvitations(context, routes);
  routes.anonymous(
    'POST',
    '/api/invitations/look',
    { reason: 'changes nothing: says what a link invites to, to whoever holds it' },
    limited(context, (c) => look(context, c)),
  );
  routes.anonymous(
    'POST',
    '/api/invitations/accept',
    { reason: 'makes the account of an invited address that has none; signs nobody in' },
    limited(context, (c) => accept(context, c)),
  );
  routes.anonymous(
    'POST',
    '/api/invitations/join',
    { reason: 'takes a link in an active session of its address, which may have no tenant yet' },
    limited(context, (c) => join(context, c)),
  );
}

function limited(
  { database }: ServerContext,
  handler: (c: RouteContext) => Promise<Response>,
): Handler<RouteEnvironment> {
  return async (c) => {
    const source = c.get('source');
    if (await admitAttempt(database, source)) return handler(c);
    const { requestId } = source;
    return problemResponse('too_many_attempts', { requestId, retryAfterSeconds: 60 });
  };
}

async function look({ database }: ServerContext, c: RouteContext): Promise<Response> {
  const { requestId } = c.get('source');
  const body = await parseJsonBody(c.req.raw, invitationLinkRequestSchema, requestId);
  if (body instanceof Response) return body;
  const { token } = body.value;
  const found = await database.transaction((unit) => lookAtInvitation(unit, token));
  if (found === null) return problemResponse('link_rejected', { requestId });
  const { email, tenantName, role, hasAccount } = found;
  return c.json({ email, tenantName, role, needs: hasAccount ? 'sign-in' : 'account' });
}

async function accept(context: ServerContext, c: RouteContext): Promise<Response> {
  const { database, passwords, relyingParty } = context;
  const source = c.get('source');
  const { requestId } = source;
  const body = await parseJsonBody(c.req.raw, invitationAcceptRequestSchema, requestId);
  if (body instanceof Response) return body;
  const { token, name, newPassword } = body.value;
  const found = await database.transaction(async (unit) => {
    const living = await lookAtInvitation(unit, token);
    if (living === null) await refuseInvitation(unit, { source }, 'link_unknown');
    return living;
  });
  if (found === null) return problemResponse('link_rejected', { requestId });
  const about = [relyingParty.name, found.tenantName, name, found.email];
  const fault = await judgeNewPassword(newPassword, about);
  if (fault !== null) return passwordRefusal(fault, { requestId });
  // Slow, and so outside any transaction; the link is checked again, and taken, with its result.
  const passwordHash = await passwords.hash(newPassword);
  const result = await database.transaction((unit) =>
    acceptAsNewPerson(unit, { token, source, name, passwordHash }),
  );
  switch (result.kind) {
    case 'made':
      return c.json({ email: result.email }, 201);
    case 'rejected':
      return problemResponse('link_rejected', { requestId });
    case 'has_account':
      return problemResponse('conflict', { requestId });
  }
}

async function join(context: ServerContext, c: RouteContext): Promise<Response> {
  const source = c.get('source');
  const { requestId } = source;
  const member = signedInFor(c.get('identity'), 'active');
  if (typeof member === 'string') return refuse(context, c, member);
  if (member.impersonatedBy !== null) return refuse(context, c, 'impersonation_forbidden');
  const body = await parseJsonBody(c.req.raw, invitationLinkRequestSchema, requestId);
  if (body instanceof Response) return body;
  const { session } = member;
  const result = await context.database.transaction((unit) =>
    acceptInSession(unit, { token: body.value.token, source, session }),
  );
  switch (result.kind) {
    case 'joined': {
      const { tenantId: id, tenantName: name, role } = result.invitation;
      return c.json({ tenant: { id, name }, role, current: result.isCurrent });
    }
    case 'rejected':
      return problemResponse('link_rejected', { requestId });
    case 'other_address':
      return problemResponse('forbidden', { requestId });
    case 'already_member':
      return problemResponse('conflict', { requestId });
    case 'gone':
      return refuse(context, c, 'session_required');
  }
}

function addOpenInvitations(context: ServerContext, routes: Routes): void {
  const { database } = context;
  routes.read('/api/invitations', 'administrator', async (c, { tenant }) => {
    const query = invitationsQuerySchema.safeParse(c.req.query());
    if (!query.success) return queryFault(query.error, c.get('source').requestId);
    const { limit } = query.data;
    const rows = await listInvitations(database.kysely, { ...query.data, tenantId: tenant.id });
    const { shown, nextCursor } = cutPage(rows, limit);
    const items = shown.map(({ name: email, invitedAt, expiresAt, ...row }) => ({
      ...row,
      email,
      invitedAt: invitedAt.toISOString(),
      expiresAt: expiresAt.toISOString(),
    }));
    return c.json({ items, nextCursor });
  });
  routes.exempt(
    'DELETE',
    '/api/invitations/:id',
    { reason: 'taking an invitation back takes access away and gives none' },
    async (c, { person, session, tenant }) => {
      if (tenant.role !== 'administrator') return refuse(context, c, 'forbidden');
      const source = c.get('source');
      const { requestId } = source;
      const id = c.req.param('id') ?? '';
      if (!UUID.test(id)) return problemResponse('not_found', { requestId });
      const isRevoked = await database.transaction(async (unit) => {
        const email = await unit.invitations.revoke(id, tenant.id);
        if (email === null) return false;
        await unit.record({
          event: 'invitation.revoked',
          outcome: 'success',
          actorId: person.id,
          tenantId: tenant.id,
          aal: session.aal,
          requestId,
          details: { invitationId: id },
          personal: { invited: email, ...sourceFields(source) },
        });
        return true;
      });
      return isRevoked ? c.body(null, 204) : problemResponse('not_found', { requestId });
    },
  );
}
