import {
  type InvitationJoined,
  type InvitationLink,
  invitationAcceptedSchema,
  invitationJoinedSchema,
  invitationLinkSchema,
} from '@countersign/server/contract';
import { client } from './client.ts';

/** Asks for a link to another password; who has the address is not told. @throws {CountersignError} */
export function askForReset(email: string): Promise<void> {
  return client.send('/api/password-reset', { method: 'POST', json: { email } });
}

/** Replaces the password by a link. @throws {CountersignError} `link_rejected` and others */
export function completeReset(params: {
  readonly token: string;
  readonly newPassword: string;
}): Promise<void> {
  return client.send('/api/password-reset/complete', { method: 'POST', json: params });
}

/** What a link invites to. @throws {CountersignError} `link_rejected` and others */
export function lookAtInvitation(token: string, signal: AbortSignal): Promise<InvitationLink> {
  return client.request('/api/invitations/look', invitationLinkSchema, {
    method: 'POST',
    json: { token },
    signal,
  });
}

/** Makes the invited person's account. @throws {CountersignError} `conflict` when there is one */
export async function acceptInvitation(params: {
  readonly token: string;
  readonly name: string;
  readonly newPassword: string;
}): Promise<string> {
  const answer = await client.request('/api/invitations/accept', invitationAcceptedSchema, {
    method: 'POST',
    json: params,
  });
  return answer.email;
}

/** Accepts an invitation in this session. @throws {CountersignError} `link_rejected` and others */
export function joinByInvitation(token: string): Promise<InvitationJoined> {
  return client.request('/api/invitations/join', invitationJoinedSchema, {
    method: 'POST',
    json: { token },
  });
}
