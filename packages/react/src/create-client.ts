import {
  type AddressCodeSent,
  addressCodeSentSchema,
  addressProvedSchema,
  GRANT_HEADER,
  type Grant,
  grantSchema,
  type Session,
  type SessionExpiry,
  type StepUpMethod,
  type StepUpOptions,
  type StepUpVerifyRequest,
  sessionExtendedSchema,
  sessionSchema,
  stepUpOptionsSchema,
} from '@countersign/server/contract';
import { CountersignError } from './countersign-error.ts';
import { parseRefusal } from './parse-refusal.ts';
import { createRotationGate } from './rotation-gate.ts';

/** Anything that parses a value or throws: every Zod schema is one. */
export interface ResponseSchema<T> {
  parse(value: unknown): T;
}

export interface ClientRequest {
  readonly method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Sent as JSON. */
  readonly json?: unknown;
  /** Sent as it is, with its media type. */
  readonly content?: { readonly type: string; readonly body: string | Blob };
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
  /** Set when the answer replaces the session cookie: the request then runs alone. */
  readonly rotates?: boolean;
}

/**
 * Which refusal told that the session no longer reaches the application. `enrolment_required` may also
 * be the answer of one operation that needs an authenticator, in a session that is otherwise active:
 * only reading the session again tells.
 */
export type SessionLoss = (typeof SESSION_LOSSES)[number];

const SESSION_LOSSES = ['session_required', 'challenge_required', 'enrolment_required'] as const;

/** What `begin` answers for one method. */
export type BegunStepUp<M extends StepUpMethod> = Extract<StepUpOptions, { readonly method: M }>;

export interface Client {
  /**
   * Performs a same-origin request and parses the answer.
   * @throws {CountersignError} with the problem's code when refused; `auth_refused` for a refusal
   * in Better Auth's form; `network` when no whole answer arrived; `unexpected_response` when the
   * answer does not have the schema's shape
   * @throws {DOMException} `AbortError` when `signal` aborts
   */
  request<T>(path: string, schema: ResponseSchema<T>, request?: ClientRequest): Promise<T>;
  /**
   * Performs a request whose answer has no body of interest.
   * @throws {CountersignError} as {@link Client.request}
   */
  send(path: string, request?: ClientRequest): Promise<void>;
  /**
   * Reads who is signed in and with what assurance.
   * @throws {CountersignError} as {@link Client.request}
   */
  session(): Promise<Session>;
  /**
   * Says that somebody is there; the answer is when the session ends now.
   * @throws {CountersignError} as {@link Client.request}
   */
  extendSession(): Promise<SessionExpiry>;
  /**
   * Prepares one method of confirming a challenge; for `email` this sends the code, again too.
   * @throws {CountersignError} `challenge_expired`, `challenge_unknown`, `method_not_allowed`,
   * `conflict` when the method cannot be used now, `too_many_attempts`, or as {@link Client.request}
   */
  beginStepUp<M extends StepUpMethod>(challengeId: string, method: M): Promise<BegunStepUp<M>>;
  /**
   * Trades an answer for the grant of one challenge; `grant` is null where confirming opens a window
   * instead. The session cookie rotates with the answer.
   * @throws {CountersignError} `code_rejected`, `too_many_attempts`, `challenge_expired`,
   * `challenge_unknown`, `method_not_allowed`, `conflict`, or as {@link Client.request}
   */
  verifyStepUp(challengeId: string, answer: StepUpVerifyRequest): Promise<Grant>;
  /**
   * Has a code sent to the verified address, before an enrolment that policy forces; again too.
   * @throws {CountersignError} `forbidden` when no address was ever verified, `too_many_attempts`, or as
   * {@link Client.request}
   */
  sendAddressCode(): Promise<AddressCodeSent>;
  /**
   * Proves the address with that code, once: the session may then enrol, for 15 minutes.
   * @throws {CountersignError} `code_rejected`, `too_many_attempts`, or as {@link Client.request}
   */
  proveAddress(code: string): Promise<void>;
  /** Tells `listener` whenever an answer says the session is gone, or may be; returns how to stop. */
  onSessionLost(listener: (loss: SessionLoss) => void): () => void;
}

export interface ClientOptions {
  /** Prefix of every path; the same origin by default. */
  readonly baseUrl?: string;
  /** `globalThis.fetch` by default. */
  readonly fetch?: typeof fetch;
}

/** The header that carries `grant` on the one retry it is good for. */
export function grantHeaders(grant: string): Record<string, string> {
  return { [GRANT_HEADER]: grant };
}

/** Creates the typed client every hook and component of this package speaks through. */
export function createClient(options: ClientOptions = {}): Client {
  const gate = createRotationGate();
  const listeners = new Set<(loss: SessionLoss) => void>();
  const perform = options.fetch ?? ((input, init) => globalThis.fetch(input, init));

  async function exchange(path: string, request: ClientRequest): Promise<unknown> {
    const url = `${options.baseUrl ?? ''}${path}`;
    const work = () => readAnswer(perform, url, request);
    try {
      return await (request.rotates === true ? gate.rotate(work) : gate.share(work));
    } catch (error) {
      const loss = sessionLossOf(error);
      if (loss !== null) for (const listener of listeners) listener(loss);
      throw error;
    }
  }

  async function request<T>(
    path: string,
    schema: ResponseSchema<T>,
    init: ClientRequest = {},
  ): Promise<T> {
    const body = await exchange(path, init);
    try {
      return schema.parse(body);
    } catch (cause) {
      throw new CountersignError('unexpected_response', { cause });
    }
  }

  return {
    request,
    async send(path, init = {}) {
      await exchange(path, init);
    },
    session: () => request('/api/session', sessionSchema),
    async extendSession() {
      const path = '/api/session/extend';
      return (await request(path, sessionExtendedSchema, { method: 'POST', json: {} })).expiry;
    },
    async beginStepUp<M extends StepUpMethod>(challengeId: string, method: M) {
      const path = `${stepUpPath(challengeId)}/begin`;
      const json = { method };
      const begun = await request(path, stepUpOptionsSchema, { method: 'POST', json });
      if (!isBegun(begun, method)) throw new CountersignError('unexpected_response');
      return begun;
    },
    verifyStepUp: (challengeId, answer) =>
      request(`${stepUpPath(challengeId)}/verify`, grantSchema, {
        method: 'POST',
        json: answer,
        rotates: true,
      }),
    sendAddressCode: () =>
      request('/api/enrolment/code', addressCodeSentSchema, { method: 'POST', json: {} }),
    async proveAddress(code) {
      const json = { code };
      await request('/api/enrolment/code/verify', addressProvedSchema, { method: 'POST', json });
    },
    onSessionLost(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

function stepUpPath(challengeId: string): string {
  return `/api/step-up/${encodeURIComponent(challengeId)}`;
}

function isBegun<M extends StepUpMethod>(begun: StepUpOptions, method: M): begun is BegunStepUp<M> {
  return begun.method === method;
}

async function readAnswer(
  perform: typeof fetch,
  url: string,
  request: ClientRequest,
): Promise<unknown> {
  let response: Response;
  let text: string;
  try {
    response = await perform(url, toRequestInit(request));
    text = await response.text();
  } catch (cause) {
    if (request.signal?.aborted === true) throw cause;
    throw new CountersignError('network', { cause });
  }
  const body = parseJson(text);
  if (response.ok) return body;
  const retryAfter = response.headers.get('retry-after');
  throw parseRefusal({ status: response.status, retryAfter, body });
}

function toRequestInit(request: ClientRequest): RequestInit {
  const headers: Record<string, string> = { accept: 'application/json', ...request.headers };
  const init: RequestInit = {
    method: request.method ?? 'GET',
    credentials: 'same-origin',
    cache: 'no-store',
    redirect: 'error',
    headers,
  };
  if (request.signal !== undefined) init.signal = request.signal;
  if (request.content !== undefined) {
    headers['content-type'] = request.content.type;
    init.body = request.content.body;
  } else if (request.json !== undefined) {
    headers['content-type'] = 'application/json';
    init.body = JSON.stringify(request.json);
  }
  return init;
}

function parseJson(text: string): unknown {
  if (text === '') return null;
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function sessionLossOf(error: unknown): SessionLoss | null {
  if (!(error instanceof CountersignError)) return null;
  const { code, refusal } = error;
  if (refusal?.code === 'UNAUTHORIZED') return 'session_required';
  // Better Auth's form has our codes in capitals.
  const told = refusal?.code.toLowerCase() ?? code;
  return SESSION_LOSSES.find((loss) => loss === told) ?? null;
}
