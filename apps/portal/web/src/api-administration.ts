import {
  invitationSchema,
  type MemberItem,
  type MemberMfa,
  type MfaPolicy,
  memberSchema,
  type PolicyDocument,
  type PolicyPreview,
  policyDocumentSchema,
  policyPreviewSchema,
  type Receipt,
  receiptSchema,
  type TenantPolicy,
} from '@countersign/server/contract';
import { z } from 'zod';
import { type ActHeaders, client } from './client.ts';
import { PAGE_SIZE } from './page-size.ts';
import { toSearch } from './to-search.ts';

const membersSchema = z.object({
  items: z.array(memberSchema),
  nextCursor: z.string().nullable(),
});
const roleChangedSchema = z.object({ role: memberSchema.shape.role, receipt: receiptSchema });
const receiptOnlySchema = z.object({ receipt: receiptSchema });
const invitationsSchema = z.object({
  items: z.array(invitationSchema),
  nextCursor: z.string().nullable(),
});
const policyChangedSchema = z.object({ version: z.number().int(), receipt: receiptSchema });

export type MembersPage = z.infer<typeof membersSchema>;
export type InvitationsPage = z.infer<typeof invitationsSchema>;
export type Role = MemberItem['role'];
export type PolicyChanged = z.infer<typeof policyChangedSchema>;

/** One page of the organisation's members. @throws {CountersignError} when refused */
export function listMembers(
  { q, cursor }: { readonly q: string; readonly cursor: string | null },
  signal: AbortSignal,
): Promise<MembersPage> {
  const search = toSearch({ q, limit: String(PAGE_SIZE), cursor });
  return client.request(`/api/members${search}`, membersSchema, { signal });
}

/** Gives a member another role. @throws {CountersignError} when refused */
export async function changeRole(
  params: { readonly id: string; readonly role: Role },
  headers: ActHeaders,
): Promise<Receipt> {
  const path = `/api/members/${encodeURIComponent(params.id)}/role`;
  const answer = await client.request(path, roleChangedSchema, {
    method: 'PUT',
    json: { role: params.role },
    headers,
  });
  return answer.receipt;
}

/** Changes what is asked of one member alone. @throws {CountersignError} when refused */
export async function requireMfa(
  { id, ...mfa }: { readonly id: string } & MemberMfa,
  headers: ActHeaders,
): Promise<Receipt> {
  const path = `/api/members/${encodeURIComponent(id)}/mfa`;
  const sent = { method: 'PUT', json: mfa, headers } as const;
  return (await client.request(path, receiptOnlySchema, sent)).receipt;
}

/** Takes a member out of the organisation. @throws {CountersignError} when refused */
export async function removeMember(
  params: { readonly id: string },
  headers: ActHeaders,
): Promise<Receipt> {
  const path = `/api/members/${encodeURIComponent(params.id)}`;
  const answer = await client.request(path, receiptOnlySchema, {
    method: 'DELETE',
    json: {},
    headers,
  });
  return answer.receipt;
}

/** One page of the invitations nobody has accepted yet. @throws {CountersignError} when refused */
export function listInvitations(
  { q, cursor }: { readonly q: string; readonly cursor: string | null },
  signal: AbortSignal,
): Promise<InvitationsPage> {
  const search = toSearch({ q, limit: String(PAGE_SIZE), cursor });
  return client.request(`/api/invitations${search}`, invitationsSchema, { signal });
}

/** Mails an invitation. @throws {CountersignError} `conflict` for a member, and others */
export async function inviteMember(
  params: { readonly email: string; readonly role: Role },
  headers: ActHeaders,
): Promise<Receipt> {
  const answer = await client.request('/api/invitations', receiptOnlySchema, {
    method: 'POST',
    json: params,
    headers,
  });
  return answer.receipt;
}

/** Takes an invitation back. @throws {CountersignError} when refused */
export function revokeInvitation(id: string): Promise<void> {
  return client.send(`/api/invitations/${encodeURIComponent(id)}`, { method: 'DELETE' });
}

/** Lets a frozen member sign in again. @throws {CountersignError} when refused */
export async function unfreezeMember(
  { id }: { readonly id: string },
  headers: ActHeaders,
): Promise<Receipt> {
  const path = `/api/members/${encodeURIComponent(id)}/unfreeze`;
  const answer = await client.request(path, receiptOnlySchema, {
    method: 'POST',
    json: {},
    headers,
  });
  return answer.receipt;
}

/** The organisation's policy and its version. @throws {CountersignError} when refused */
export function readPolicy(signal: AbortSignal): Promise<PolicyDocument> {
  return client.request('/api/policy', policyDocumentSchema, { signal });
}

/** Whom the policy would affect if it were saved. @throws {CountersignError} when refused */
export function previewPolicy(mfa: MfaPolicy, signal: AbortSignal): Promise<PolicyPreview> {
  return client.request('/api/policy/preview', policyPreviewSchema, {
    method: 'POST',
    json: { mfa },
    signal,
  });
}

/** Replaces the policy if it still is `version`. @throws {CountersignError} `precondition_failed` */
export function changePolicy(
  params: { readonly version: number; readonly policy: TenantPolicy },
  headers: ActHeaders,
): Promise<PolicyChanged> {
  return client.request('/api/policy', policyChangedSchema, {
    method: 'PUT',
    json: { policy: params.policy },
    headers: { ...headers, 'If-Match': `"${params.version}"` },
  });
}
