import type { ProblemCode, Receipt } from '../contract/index.ts';
import type { Entry, EventInput } from '../events/entry.ts';
import { hex } from './act-hashes.ts';
import { amrOf } from './factor.ts';
import type { Unit } from './ports.ts';
import type { ProtectedRequest, Proved } from './protected-act.ts';
import { sourceFields } from './sign-in.ts';

type Asked<P extends object, Tx> = ProtectedRequest<P, Tx>;

/** What an act changed, for its entry. Personal values become salted commitments. */
export interface Change {
  readonly before?: Readonly<Record<string, string | number | boolean | null>>;
  readonly after?: Readonly<Record<string, string | number | boolean | null>>;
  readonly personalBefore?: Readonly<Record<string, string>>;
  readonly personalAfter?: Readonly<Record<string, string>>;
}

/** Records that an operation was refused at its last gate, after its transaction was undone. */
export function recordRefusal<P extends object, Tx>(
  unit: Unit,
  request: Asked<P, Tx>,
  reason: ProblemCode,
): Promise<unknown> {
  return unit.record({
    event: 'operation.refused',
    outcome: 'denied',
    ...actFields(request),
    reason,
  });
}

/** Records that an act broke, or that its answer was withheld. */
export function recordFailure<P extends object, Tx>(
  unit: Unit,
  request: Asked<P, Tx>,
  reason?: string,
): Promise<unknown> {
  const why = reason === undefined ? {} : { reason };
  return unit.record({
    event: 'operation.failed',
    outcome: 'failure',
    ...actFields(request),
    ...why,
  });
}

/** The entry of a committed act, and the receipt that names it. */
export function describeCommit<P extends object, Tx>(
  unit: Unit,
  request: Asked<P, Tx>,
  proved: Proved,
  change: Change,
): { readonly entry: Entry; readonly receipt: Receipt } {
  const { grant, session, parametersHash, displayHash, total } = proved;
  const { confirmation = null, method = null, assertion = null } = grant ?? {};
  const isAal2 = confirmation === 'aal2' || confirmation === 'aal2-phr';
  const aal = isAal2 ? 2 : request.actor.aal;
  const common = actFields(request);
  const entry = unit.prepare({
    event: 'operation.committed',
    outcome: 'success',
    ...common,
    methods: method === null ? (session?.methods ?? []) : [amrOf(method)],
    aal,
    details: {
      ...(grant === null ? {} : { stepUpId: grant.id }),
      sid: request.actor.sid,
      confirmation,
      parametersHash,
      displayHash,
      total,
      ...prefixed('before', change.before),
      ...prefixed('after', change.after),
    },
    personal: {
      ...common.personal,
      ...prefixed('before', change.personalBefore),
      ...prefixed('after', change.personalAfter),
    },
  });
  const receipt = {
    id: entry.id,
    operation: request.name,
    parametersHash,
    displayHash,
    tenantId: request.actor.tenantId,
    method,
    confirmation,
    aal,
    committedAt: unit.now.toISOString(),
    entryHash: hex(entry.leafHash),
    ...(assertion === null ? {} : { assertion }),
  };
  return { entry, receipt };
}

function prefixed<T>(prefix: string, values: Readonly<Record<string, T>> = {}): Record<string, T> {
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [`${prefix}.${name}`, value]),
  );
}

/** What every entry about a request says. */
export function actFields<P extends object, Tx>({
  name,
  actor,
  source,
}: Asked<P, Tx>): Omit<EventInput, 'event' | 'outcome'> {
  return {
    operation: name,
    actorId: actor.userId,
    tenantId: actor.tenantId,
    requestId: source.requestId,
    personal: sourceFields(source),
  };
}
