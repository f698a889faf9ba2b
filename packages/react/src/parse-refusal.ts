import { problemSchema } from '@countersign/server/contract';
import { CountersignError } from './countersign-error.ts';

/** The parts of an HTTP answer a refusal is read from. */
export interface RefusedAnswer {
  readonly status: number;
  readonly retryAfter: string | null;
  readonly body: unknown;
}

const GATEWAY_STATUSES = new Set([502, 504]);

/**
 * Reads a refusal: a problem document, Better Auth's `{code, message}`, or neither. A gateway that
 * answers in the server's place has lost the response, so it counts as `network`.
 */
export function parseRefusal(answer: RefusedAnswer): CountersignError {
  const body = asRecord(answer.body);
  const code = body['code'];
  // Better Auth's endpoints answer our problems with the code in capitals.
  const lowered = typeof code === 'string' ? { ...body, code: code.toLowerCase() } : body;
  const problem = problemSchema.safeParse(lowered);
  if (problem.success) return new CountersignError(problem.data.code, { problem: problem.data });
  if (typeof code === 'string') {
    const requestId = body['requestId'];
    const refusal = {
      code,
      status: answer.status,
      requestId: typeof requestId === 'string' ? requestId : null,
      retryAfterSeconds: waitOf(body['retryAfterSeconds'], answer.retryAfter),
    };
    return new CountersignError('auth_refused', { refusal });
  }
  return new CountersignError(
    GATEWAY_STATUSES.has(answer.status) ? 'network' : 'unexpected_response',
  );
}

function asRecord(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}

function waitOf(field: unknown, header: string | null): number | null {
  if (typeof field === 'number') return field;
  const seconds = Number.parseInt(header ?? '', 10);
  return Number.isNaN(seconds) ? null : seconds;
}
