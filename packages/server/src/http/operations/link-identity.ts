import { z } from 'zod';
import { unlinkIdentity } from '../../ceremonies/link-identity.ts';
import { operation } from '../../ceremonies/operation.ts';
import { JOURNEY_SECONDS } from '../../ceremonies/provider-journey.ts';
import type { Tx } from '../../storage/transaction.ts';
import { ActRefused } from '../run-guarded.ts';
import { type AccountOperation, lockedSession } from './account-operation.ts';

const linkSchema = z.strictObject({});

/**
 * Leave to link an account at the organisation's provider, confirmed by an authenticator of the person's
 * own. What follows is the journey there and back, once, in this session and browser.
 */
export const linkIdentityOperation: AccountOperation<z.infer<typeof linkSchema>> = {
  operation: operation<z.infer<typeof linkSchema>>(linkSchema)
    .authorize(async (_actor, _params, _tx: Tx) => true)
    .resolve(async (_params, _tx, actor) => ({
      title: 'Link your organisation sign-in',
      action: 'Go on to the sign-in',
      facts: [
        { label: 'It can', value: `sign in as you at ${actor.tenantName}` },
        { label: 'Next', value: "you sign in at your organisation's own page" },
        { label: 'Other devices', value: 'are signed out' },
      ],
      itemsLabel: 'Organisation',
      items: [actor.tenantName],
      irreversible: false,
    }))
    .requires({ acr: 'aal2', maxAge: 0, ownFactor: 'always' }),
  route: { method: 'POST', path: '/api/identities' },
  perform: (proof, _params, { server }) =>
    proof.commit(async (_tx, { unit }) => {
      const { userId, tenantId, sid } = proof.actor;
      const recorded = await unit.tenantProviders.find(tenantId);
      const issuer = server.identityProviders.issuerOf(recorded);
      if (issuer === null) throw new ActRefused('not_found');
      const known = await unit.identities.find(userId, tenantId, issuer);
      if (known !== null) throw new ActRefused('conflict');
      const expiresAt = new Date(unit.now.getTime() + JOURNEY_SECONDS * 1000);
      await unit.providerJourneys.allow({ sid, userId, tenantId, expiresAt });
      return { expiresAt: expiresAt.toISOString() };
    }),
};

const unlinkSchema = z.strictObject({ id: z.uuid() });

/** The end of a linked account as a way to sign in. */
export const unlinkIdentityOperation: AccountOperation<z.infer<typeof unlinkSchema>> = {
  operation: operation<z.infer<typeof unlinkSchema>>(unlinkSchema)
    .authorize(async (_actor, _params, _tx: Tx) => true)
    .resolve(async ({ id }, tx, actor) => {
      const row = await tx
        .selectFrom('countersign.identity')
        .select('issuer')
        .where('id', '=', id)
        .where('user_id', '=', actor.userId)
        .where('tenant_id', '=', actor.tenantId)
        .executeTakeFirst();
      if (row === undefined) return null;
      return {
        title: 'Unlink your organisation sign-in',
        action: 'Unlink',
        facts: [
          { label: 'It', value: `no longer signs you in at ${actor.tenantName}` },
          { label: 'Other devices', value: 'are signed out' },
        ],
        itemsLabel: 'Sign-in at',
        items: [row.issuer],
        irreversible: false,
      };
    })
    .requires({ acr: 'aal2', maxAge: 0, ownFactor: 'across-tenants' }),
  route: { method: 'DELETE', path: '/api/identities/:id' },
  perform: (proof, { id }, { source }) =>
    proof.commit(async (_tx, { unit, changed }) => {
      const session = await lockedSession(unit, proof.actor);
      if (!(await unlinkIdentity(unit, { id, session, source }))) throw new ActRefused('not_found');
      changed({ before: { linked: true }, after: { linked: false } });
      return { unlinked: true };
    }),
};
