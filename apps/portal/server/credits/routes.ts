import { queryFault, type Routes, type ServerContext } from '@countersign/server';
import type { PortalGuard } from '../app.ts';
import type { BillingProvider } from './billing.ts';
import { ledgerQuerySchema, listLedger } from './list-ledger.ts';
import { buyCredits } from './purchase.ts';

/** Credits: members see the ledger, administrators buy, each time confirmed. */
export function addCreditRoutes(
  { database }: ServerContext,
  options: {
    readonly routes: Routes;
    readonly guard: PortalGuard;
    readonly billing: BillingProvider;
  },
): void {
  const { routes, guard, billing } = options;
  routes.read('/api/credits', 'member', async (c, { tenant }) => {
    const query = ledgerQuerySchema.safeParse(c.req.query());
    if (!query.success) return queryFault(query.error, c.get('source').requestId);
    const page = { ...query.data, tenantId: tenant.id };
    return c.json(await database.transaction((unit) => listLedger(unit.tx, page)));
  });

  guard(
    {
      method: 'POST',
      path: '/api/credits/purchases',
      status: 201,
      headers: { 'idempotency-key': 'idempotencyKey' },
    },
    'credits.purchase',
    async (c, params, proof) => {
      const { actor } = proof;
      const answer = await proof.commit(async (tx, act) => {
        const bought = await buyCredits(tx, { actor, params, billing });
        const { balance, invoice } = bought;
        act.changed({
          before: { balance: balance - params.credits },
          after: { balance, invoice: invoice.number, amountMinor: invoice.amountMinor },
        });
        return bought;
      });
      return c.json(answer, 201);
    },
  );
}
