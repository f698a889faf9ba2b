import { type Challenge, type Fault, type ProblemCode, problems } from '../contract/index.ts';
import { maxAgeSeconds, type Requirement } from '../policy/operation-requirement.ts';

export interface ProblemOptions {
  readonly requestId: string;
  readonly detail?: string;
  readonly operation?: string;
  readonly challenge?: Challenge | undefined;
  readonly errors?: readonly Fault[];
  readonly retryAfterSeconds?: number | undefined;
  /** What the refused operation asks for, for the challenge header. */
  readonly requirement?: Requirement;
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
    const { acr, maxAge } = options.requirement ?? { acr: 'aal2', maxAge: 0 };
    headers.set(
      'www-authenticate',
      `Bearer error="insufficient_user_authentication", acr_values="${acr}", max_age="${maxAgeSeconds({ maxAge })}"`,
    );
  }
  if (options.retryAfterSeconds !== undefined) {
    headers.set('retry-after', String(options.retryAfterSeconds));
  }
  const { requestId, requirement: _, ...rest } = options;
  const body = { type: `urn:countersign:problem:${code}`, title, status, code, requestId, ...rest };
  return new Response(JSON.stringify(body), { status, headers });
}
