import { type Challenge, type Fault, type ProblemCode, problems } from '../contract/index.ts';

export interface ProblemOptions {
  readonly requestId: string;
  readonly detail?: string;
  readonly operation?: string;
  readonly challenge?: Challenge | undefined;
  readonly errors?: readonly Fault[];
  readonly retryAfterSeconds?: number;
}

/**
 * The one place where a refusal becomes HTTP. A refusal that a step-up would lift carries the
 * RFC 9470 challenge header; a missing session does not, since no step-up would help.
 * @see https://www.rfc-editor.org/rfc/rfc9470#section-3
 */
export function problemResponse(code: ProblemCode, options: ProblemOptions): Response {
  const { status, title } = problems[code];
  const headers = new Headers({
    'content-type': 'application/problem+json',
    'cache-control': 'no-store',
  });
  if (options.challenge !== undefined || code === 'enrolment_required') {
    headers.set(
      'www-authenticate',
      'Bearer error="insufficient_user_authentication", acr_values="aal2", max_age="0"',
    );
  }
  if (options.retryAfterSeconds !== undefined) {
    headers.set('retry-after', String(options.retryAfterSeconds));
  }
  const { requestId, ...rest } = options;
  const body = { type: `urn:countersign:problem:${code}`, title, status, code, requestId, ...rest };
  return new Response(JSON.stringify(body), { status, headers });
}
