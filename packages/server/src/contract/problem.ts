import { z } from 'zod';
import { type PasswordFault, passwordFaults } from './password.ts';
import { challengeSchema } from './step-up.ts';

/**
 * Every refusal Countersign answers with: code, HTTP status, title.
 * The code is the stable part; titles may be reworded.
 * @see docs/errors.md, generated from this table
 */
export const problems = {
  malformed: { status: 400, title: 'The request could not be read' },
  keys_repeated: { status: 400, title: 'A name occurs twice in the request' },
  identity_ambiguous: { status: 400, title: 'Send a session cookie or an API key, not both' },
  session_required: { status: 401, title: 'Sign in first' },
  challenge_required: { status: 401, title: 'Finish signing in with your second factor' },
  enrolment_required: { status: 401, title: 'This needs an authenticator, and you have none yet' },
  step_up_required: { status: 401, title: "Confirm it's you" },
  code_rejected: { status: 401, title: "That code didn't work" },
  link_rejected: { status: 410, title: 'This link does not work any more' },
  password_rejected: { status: 401, title: "That password didn't work" },
  api_key_rejected: { status: 401, title: 'This API key is not valid' },
  credits_exhausted: { status: 402, title: 'There are not enough credits' },
  challenge_expired: { status: 401, title: 'This confirmation took too long; start again' },
  challenge_unknown: { status: 404, title: 'There is no such confirmation in this session' },
  grant_expired: { status: 401, title: 'The confirmation ran out; confirm again' },
  grant_mismatch: { status: 401, title: 'What you confirmed has changed; confirm again' },
  grant_unknown: { status: 401, title: 'No such confirmation; confirm again' },
  own_factor_required: {
    status: 403,
    title: 'Sign in by yourself for this: your organisation alone cannot vouch for it',
  },
  recovery_unavailable: {
    status: 403,
    title: 'Sign in again, with your password and a recovery code or your app, to replace the rest',
  },
  forbidden: { status: 403, title: 'You may not do this' },
  method_not_allowed: { status: 403, title: 'This way of confirming is not accepted for this' },
  impersonation_forbidden: { status: 403, title: 'Not while signed in as someone else' },
  scope_missing: { status: 403, title: 'This API key does not reach that far' },
  origin_rejected: { status: 403, title: 'This request came from another site' },
  not_found: { status: 404, title: 'There is nothing here' },
  conflict: { status: 409, title: 'This clashes with what is already there' },
  authenticator_required: {
    status: 409,
    title: 'Your organisation asks for this authenticator; set up another one first',
  },
  policy_locks_out: {
    status: 409,
    title: 'This policy would lock you out yourself; set up what it asks for first',
  },
  precondition_failed: { status: 412, title: 'It has changed since you looked' },
  grant_consumed: { status: 409, title: 'This confirmation was used for something else' },
  payload_too_large: { status: 413, title: 'This is too large' },
  media_type_unsupported: { status: 415, title: 'This kind of content is not accepted here' },
  password_refused: { status: 422, title: 'This password cannot be used; choose another' },
  parameters_invalid: { status: 422, title: 'Some values are not right' },
  provider_rejected: { status: 422, title: 'This identity provider did not answer as it must' },
  too_many_attempts: { status: 429, title: 'Too many attempts; wait and try again' },
  read_budget_spent: { status: 429, title: 'Too much was read this hour; use the export' },
  internal: { status: 500, title: 'Something went wrong on our side' },
  unavailable: { status: 503, title: 'This is not available at the moment' },
} as const;

export type ProblemCode = keyof typeof problems;

/**
 * One fault in what was sent; `line` and `column` count from 1 (CSV), `path` names a JSON field, `code`
 * why a password was refused.
 */
export const faultSchema = z.object({
  line: z.number().int().optional(),
  column: z.number().int().optional(),
  path: z.string().optional(),
  code: z.enum(Object.keys(passwordFaults) as [PasswordFault, ...PasswordFault[]]).optional(),
  message: z.string(),
});

/** The body of every error: RFC 9457 `application/problem+json`. */
export const problemSchema = z.object({
  type: z.string(),
  title: z.string(),
  status: z.number().int(),
  detail: z.string().optional(),
  code: z.enum(Object.keys(problems) as [ProblemCode, ...ProblemCode[]]),
  requestId: z.string(),
  operation: z.string().optional(),
  challenge: challengeSchema.optional(),
  errors: z.array(faultSchema).optional(),
  retryAfterSeconds: z.number().int().optional(),
});

export type Fault = z.infer<typeof faultSchema>;
export type Problem = z.infer<typeof problemSchema>;
