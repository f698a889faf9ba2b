import type { Exchange } from '../exchange.ts';
import { type Actor, ask, type PageRequest } from './actor.ts';
import type { Cell, Method } from './cells.ts';
import { challengeOf, confirm } from './confirm.ts';
import type { Act, OperationCase, Play } from './operation-case.ts';
import { withGrant } from './perform.ts';
import { type Confirmed, changedParts, committedActs, type Trial } from './trial.ts';

/** What playing needs of the run. */
export interface Ground extends Play {
  keep(trial: Trial): void;
  /** Makes a grant one that ran out a second ago. */
  endGrant(confirmed: Confirmed): Promise<void>;
  /** Makes sign-in and last confirmation of the actor's session older than five minutes. */
  ageSession(actor: Actor): Promise<void>;
}

/**
 * Tries one operation in every way it must refuse, and does it with every method. What cannot be tried,
 * since something before it went wrong, leaves no trial.
 *
 * @throws when a confirmation that must be accepted is not.
 */
export async function playOperation(operation: OperationCase, ground: Ground): Promise<void> {
  const round = { operation, ground, actor: ground.cast.main };
  await (operation.confirms === 'act' ? playAct(round) : playWindow(round));
  for (const method of operation.methods) {
    const actor = await actorFor(method, round);
    if (actor !== null) await playMethod({ ...round, actor }, method);
  }
}

/** One actor with one operation. */
interface Round {
  readonly operation: OperationCase;
  readonly ground: Ground;
  readonly actor: Actor;
}

/** An operation whose confirmation is a grant for one act. */
async function playAct(round: Round): Promise<void> {
  const { actor, ground } = round;
  let act = await prepare(round);
  const alone = await attempt(round, 'session-alone', { request: act.request(actor) });
  if (isDone(round, alone)) act = await prepare(round);
  const old = await confirmFor(round, act.request(actor), alone.exchange);
  if (old === null) return;
  await ground.endGrant(old);
  const stale = await attempt(round, 'stale', { request: act.request(actor), confirmed: old });
  if (isDone(round, stale)) act = await prepare(round);
  const confirmed = await confirmFor(round, act.request(actor), stale.exchange);
  let ready: Ready | null = confirmed === null ? null : { act, confirmed };
  for (const misuse of await misusesOf(round)) {
    if (ready === null) return;
    const trial = await misuse(ready);
    // A build that lets it pass has spent the grant, and each of the others needs one.
    if (trial !== null && isDone(round, trial)) ready = await makeReady(round);
  }
  if (ready !== null) await doAndRepeat(round, ready);
}

/** An act with an unused grant for it. */
interface Ready {
  readonly act: Act;
  readonly confirmed: Confirmed;
}

type Misuse = (ready: Ready) => Promise<Trial | null>;

/** What is tried with a good grant before it is used; none of it may spend the grant. */
async function misusesOf(round: Round): Promise<readonly Misuse[]> {
  const { cast } = round.ground;
  const second = await cast.mainElsewhere();
  const colleague = cast.colleague();
  const present = (cell: Cell, by: Actor): Misuse => {
    return ({ act, confirmed }) =>
      attempt(round, cell, { by, request: act.request(by), confirmed });
  };
  return [
    present('foreign-session', second),
    present('foreign-person', colleague),
    ({ act, confirmed }) => alter(round, act, confirmed),
  ];
}

async function makeReady(round: Round): Promise<Ready | null> {
  const act = await prepare(round);
  const confirmed = await confirmFor(round, act.request(round.actor), null);
  return confirmed === null ? null : { act, confirmed };
}

/** The act itself, then the same request again, and its used grant for something else. */
async function doAndRepeat(round: Round, { act, confirmed }: Ready): Promise<void> {
  const request = act.request(round.actor);
  const done = await attempt(round, 'passkey', { request, confirmed });
  await finish(round, act, done.exchange);
  await attempt(round, 'replayed', { request, confirmed });
  await attempt(round, 'replayed-altered', { request: act.other.request, confirmed });
}

/** An operation that asks for recent authentication: there is no grant to copy or to send again. */
async function playWindow(round: Round): Promise<void> {
  const { actor, ground } = round;
  let act = await prepare(round);
  await ground.ageSession(actor);
  const alone = await attempt(round, 'session-alone', { request: act.request(actor) });
  const stepUpId = challengeOf(alone.exchange);
  if (stepUpId === null) return;
  const request = beginRequest(stepUpId);
  const second = await ground.cast.mainElsewhere();
  await attempt(round, 'foreign-session', { by: second, request });
  await attempt(round, 'foreign-person', { by: ground.cast.colleague(), request });
  await alter(round, act, null);
  const old = await confirmFor(round, act.request(actor), alone.exchange);
  if (old === null) return;
  await ground.ageSession(actor);
  const stale = await attempt(round, 'stale', { request: act.request(actor), confirmed: old });
  if (isDone(round, stale)) act = await prepare(round);
  const confirmed = await confirmFor(round, act.request(actor), stale.exchange);
  if (confirmed === null) return;
  const done = await attempt(round, 'passkey', { request: act.request(actor), confirmed });
  await finish(round, act, done.exchange);
}

/** The operation once more, by someone who confirms in another way. */
async function playMethod(round: Round, method: Method): Promise<void> {
  const { actor, operation, ground } = round;
  const act = await prepare(round);
  if (operation.confirms === 'window') await ground.ageSession(actor);
  const request = act.request(actor);
  const confirmed = await confirmFor(round, request, null);
  if (confirmed === null) return;
  const done = await attempt(round, method, { request, confirmed });
  await finish(round, act, done.exchange);
}

/** Other parameters than were confirmed; or, where there are none, what another operation was given. */
async function alter(round: Round, act: Act, confirmed: Confirmed | null): Promise<Trial | null> {
  const { request, is } = act.other;
  if (is === 'other parameters') return attempt(round, 'altered', { request, confirmed });
  const foreign = await confirmFor(round, request, null);
  if (foreign === null) return null;
  return attempt(round, 'altered', { request: act.request(round.actor), confirmed: foreign });
}

async function attempt(
  { operation, ground, actor }: Round,
  cell: Cell,
  options: {
    readonly request: PageRequest;
    readonly by?: Actor;
    readonly confirmed?: Confirmed | null;
  },
): Promise<Trial> {
  const { request, by = actor, confirmed = null } = options;
  const before = await ground.rowsOf(by);
  const sent = withGrant(request, confirmed?.grant ?? null);
  const exchange = await ask(by, sent, `${operation.name}: ${cell}`);
  const trial = { cell, exchange, confirmed, before, after: await ground.rowsOf(by) };
  ground.keep(trial);
  return trial;
}

/** Confirms what a request asks for; null when no challenge was given for it. */
async function confirmFor(
  { operation, ground, actor }: Round,
  request: PageRequest,
  refusal: Exchange | null,
): Promise<Confirmed | null> {
  const known = refusal === null ? null : challengeOf(refusal);
  const stepUpId = known ?? challengeOf(await ask(actor, request, `${operation.name}: asked`));
  if (stepUpId === null) return null;
  const { ports } = ground;
  return confirm(actor, { stepUpId, method: ground.methodOf(actor), ports });
}

function prepare({ operation, ground, actor }: Round): Promise<Act> {
  return operation.prepare(actor, ground);
}

async function finish({ operation, ground, actor }: Round, act: Act, answer: Exchange) {
  if (answer.status !== operation.status) return;
  await operation.finish?.(actor, { ...ground, act, answer });
}

/** Whether something came of a request, whatever was answered. */
function isDone({ operation }: Round, trial: Trial): boolean {
  return changedParts(trial).length > 0 || committedActs(trial, operation.name) > 0;
}

function beginRequest(stepUpId: string): PageRequest {
  return {
    method: 'POST',
    path: `/api/step-up/${stepUpId}/begin`,
    json: { method: 'passkey' },
  };
}

function actorFor(method: Method, { operation, ground }: Round): Promise<Actor> | Actor | null {
  switch (method) {
    case 'passkey':
      // The main person has done it already.
      return null;
    case 'totp':
      return ground.cast.withApp(operation.codes ?? 1);
    case 'idp':
      return ground.cast.atProvider;
    case 'email':
      return ground.cast.withMail(operation.name);
  }
}
