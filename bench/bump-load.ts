import { prepareGrants } from '../tests/support/prepared-grants.ts';
import { counterBump, describeBump } from './counter.ts';
import { expectStatus } from './http-client.ts';
import { type Counter, headersOf, inTurn, type LoadStage, type Visitor } from './stage.ts';

/** One protected act, confirmed and not yet done. */
interface PreparedBump {
  readonly visitor: Visitor;
  readonly counter: Counter;
  readonly grant: string;
}

/** Confirms so many acts, spread over visitors and counters. */
export async function prepareBumps(
  { database, visitors, counters }: LoadStage,
  count: number,
): Promise<PreparedBump[]> {
  const nextVisitor = inTurn(visitors);
  const nextCounter = inTurn(counters);
  const planned = Array.from({ length: count }, () => {
    const visitor = nextVisitor();
    const counter = nextCounter();
    const { person } = visitor;
    const resolved = describeBump(counter.label, person.tenantName);
    return { visitor, counter, person, params: { id: counter.id }, resolved };
  });
  const operation = { name: 'bench.bump', operation: counterBump };
  const grants = await prepareGrants(database.owner, operation, planned);
  return planned.flatMap(({ visitor, counter }, index) => {
    const grant = grants[index]?.grant;
    return grant === undefined ? [] : [{ visitor, counter, grant }];
  });
}

export async function sendBump(
  { client }: LoadStage,
  { visitor, counter, grant }: PreparedBump,
): Promise<void> {
  const answer = await client.send({
    method: 'POST',
    path: '/api/bumps',
    headers: { ...headersOf(visitor), 'countersign-grant': grant },
    json: { id: counter.id },
  });
  expectStatus(answer, 200);
}
