import { prepareBumps, sendBump } from '../bump-load.ts';
import { compare, type Side } from '../compare.ts';
import { expectStatus } from '../http-client.ts';
import { headersOf, inTurn, type LoadStage, type Scenario } from '../stage.ts';

const TARGET = 0.6;
/** More than any side does in a second: a round must not end for want of grants. */
const GRANTS_A_SECOND = 2500;

/** One row locked and updated: with its grant and its record, and without any check at all. */
export const act: Scenario = async (stage) => {
  const load = await stage.underLoad();
  return compare({ load, ours: ourSide(load), bare: bareSide(load), target: TARGET });
};

function ourSide(load: LoadStage): Side {
  let waiting: Awaited<ReturnType<typeof prepareBumps>> = [];
  return {
    prepare: async () => {
      waiting = await prepareBumps(load, Math.ceil(load.seconds * GRANTS_A_SECOND));
    },
    step: async () => {
      const prepared = waiting.pop();
      if (prepared === undefined) return false;
      await sendBump(load, prepared);
      return true;
    },
  };
}

function bareSide({ client, visitors, counters }: LoadStage): Side {
  const nextVisitor = inTurn(visitors);
  const nextCounter = inTurn(counters);
  return {
    step: async () => {
      const answer = await client.send({
        method: 'POST',
        path: '/bare/bumps',
        headers: headersOf(nextVisitor()),
        json: { id: nextCounter().id },
      });
      expectStatus(answer, 200);
      return true;
    },
  };
}
