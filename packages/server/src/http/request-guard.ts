import { randomUUID } from 'node:crypto';
import type { Operation } from '../ceremonies/operation.ts';
import type { ProblemCode } from '../contract/index.ts';
import type { Tx } from '../storage/transaction.ts';
import { browserDevices } from './device-cookie.ts';
import type { ServerContext } from './environment.ts';
import { type GuardedRoute, guardRequest, type Proof, type SecretCheck } from './guard.ts';
import { type Identity, identify } from './identity.ts';
import { originFault } from './origin-fault.ts';
import { problemResponse } from './problem-response.ts';
import { MAX_BODY_BYTES } from './request-middleware.ts';
import { blockRequest, signedInFor } from './routes.ts';
import { sourceOf } from './source.ts';

type Params<O> = O extends Operation<infer P, Tx> ? P : never;

/** What the framework around a web-standard handler knows of a request. */
export interface RequestFacts {
  /** Parameters found in the path, as the framework's router names them. */
  readonly pathParameters?: Readonly<Record<string, string>>;
  /** The address the request came from, as far as it is to be believed. */
  readonly address?: string;
}

/** A web-standard handler: what fetch-based frameworks mount. */
export type RequestHandler = (request: Request, facts?: RequestFacts) => Promise<Response>;

/** Makes one guarded handler; see {@link createRequestGuard}. */
export type RequestGuard<Table extends Readonly<Record<string, unknown>>> = <
  Name extends keyof Table & string,
>(
  name: Name,
  handler: (params: Params<Table[Name]>, proof: Proof) => Promise<Response>,
  options?: Pick<GuardedRoute, 'status' | 'headers'> & {
    readonly checkSecrets?: SecretCheck<Params<Table[Name]>>;
  },
) => RequestHandler;

/**
 * The guard for any framework that speaks `Request` and `Response`. It does all that the Hono routes do
 * around it as well: origin, one identity, size, session, and a refusal for whatever breaks.
 */
export function createRequestGuard<Table extends Readonly<Record<string, unknown>>>(
  context: ServerContext,
  operations: Table,
): RequestGuard<Table> {
  const findFault = originFault(context.baseUrl);
  return (name, handler, options = {}) => {
    type P = Parameters<typeof handler>[0];
    const operation = operations[name] as unknown as Operation<P & object, Tx>;
    const { checkSecrets, ...route } = options;
    return async (given, facts = {}) => {
      const requestId = randomUUID();
      const device = browserDevices(given.headers.get('cookie'), context, requestId);
      const source = sourceOf({
        requestId,
        address: facts.address ?? 'unknown',
        userAgent: given.headers.get('user-agent'),
        device,
      });
      try {
        const admitted = await admit(context, given, findFault);
        if ('code' in admitted) {
          const { identity, code } = admitted;
          const { method } = given;
          const path = new URL(given.url).pathname;
          return await blockRequest(context, { source, identity, method, path }, code);
        }
        const response = await guardRequest(context, {
          request: admitted.request,
          pathParameters: facts.pathParameters ?? {},
          source,
          member: admitted.identity,
          name,
          operation,
          route,
          handler,
          ...(checkSecrets ? { checkSecrets } : {}),
        });
        await device.addTo(response.headers);
        return response;
      } catch (error) {
        context.onError(error, source.requestId);
        return problemResponse('unavailable', { requestId: source.requestId });
      }
    };
  };
}

async function admit(
  context: ServerContext,
  request: Request,
  findFault: (request: Request) => ProblemCode | null,
): Promise<
  | { readonly identity: Identity & { state: 'active' }; readonly request: Request }
  | { readonly identity: Identity; readonly code: ProblemCode }
> {
  const nobody: Identity = { state: 'none' };
  // A link of another site carries the cookie too: only what a page of ours must send may act.
  if (['GET', 'HEAD', 'OPTIONS'].includes(request.method)) {
    return { identity: nobody, code: 'not_found' };
  }
  const fault = findFault(request);
  if (fault !== null) return { identity: nobody, code: fault };
  const identity = await identify(context, request.headers, { isActivity: true });
  if (identity.state !== 'active') {
    const lack = signedInFor(identity, 'active');
    return { identity, code: typeof lack === 'string' ? lack : 'challenge_required' };
  }
  const bounded = await readBounded(request);
  return bounded === null
    ? { identity, code: 'payload_too_large' }
    : { identity, request: bounded };
}

/** The request with its body read, or null when that is over the limit, whatever its header says. */
async function readBounded(request: Request): Promise<Request | null> {
  if (request.body === null) return request;
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of request.body) {
    bytes += chunk.byteLength;
    if (bytes > MAX_BODY_BYTES) return null;
    chunks.push(chunk);
  }
  const { url, method, headers } = request;
  return new Request(url, { method, headers, body: Buffer.concat(chunks) });
}
