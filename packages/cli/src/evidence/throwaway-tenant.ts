import { randomBytes } from 'node:crypto';
import { type CreatedTenant, createTenant } from '@countersign/server/better-auth';
import type { TenantPolicy } from '@countersign/server/contract';
import type { ClientBase } from 'pg';

/** A throwaway tenant of the run, whose people are known by words. */
export interface ThrowawayTenant<Word extends string = string> {
  readonly tenantId: string;
  /** Eight hex digits that no other tenant has; part of the addresses of its people. */
  readonly mark: string;
  readonly expiresAt: string;
  readonly users: CreatedTenant['users'];
  user(word: Word): CreatedTenant['users'][number];
}

export interface ThrowawayPerson<Word extends string> {
  /** What stands before the @ of their address. */
  readonly word: Word;
  readonly role: 'administrator' | 'person';
  /** Their account at the identity provider. */
  readonly identity?: { readonly issuer: string; readonly subject: string };
}

const LIFETIME_MS = 24 * 3_600_000;

/** Makes a tenant of which nothing is left after the run, and in which nobody signs in after a day. */
export async function openThrowawayTenant<Word extends string>(
  client: ClientBase,
  options: {
    readonly now: Date;
    readonly policy: TenantPolicy;
    readonly people: readonly ThrowawayPerson<Word>[];
  },
): Promise<ThrowawayTenant<Word>> {
  const mark = randomBytes(4).toString('hex');
  const expiresAt = new Date(options.now.getTime() + LIFETIME_MS);
  const { tenantId, users } = await createTenant(client, {
    name: `Throwaway ${mark}`,
    expiresAt,
    policy: options.policy,
    people: options.people.map(({ word, ...person }) => ({
      ...person,
      name: `Evidence ${word}`,
      email: `${word}@${mark}.example`,
    })),
  });
  return {
    tenantId,
    mark,
    expiresAt: expiresAt.toISOString(),
    users,
    user: (word) => {
      const found = users.find(({ email }) => email.startsWith(`${word}@`));
      if (found === undefined) throw new TypeError(`the tenant has no ${word}`);
      return found;
    },
  };
}
