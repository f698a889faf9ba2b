import { expect, test } from 'vitest';
import { parseRefusal } from './parse-refusal.ts';

const problem = {
  type: 'about:blank',
  title: 'Too many attempts; wait and try again',
  status: 429,
  code: 'too_many_attempts',
  requestId: 'r1',
  retryAfterSeconds: 30,
};

test('a problem document keeps its code and its fields', () => {
  const error = parseRefusal({ status: 429, retryAfter: null, body: problem });
  expect(error.code).toBe('too_many_attempts');
  expect(error.problem?.retryAfterSeconds).toBe(30);
});

test("Better Auth's refusal keeps its own code apart", () => {
  const body = { code: 'INVALID_EMAIL_OR_PASSWORD', message: 'no', requestId: 'r2' };
  const error = parseRefusal({ status: 401, retryAfter: null, body });
  expect(error.code).toBe('auth_refused');
  expect(error.refusal).toEqual({
    code: 'INVALID_EMAIL_OR_PASSWORD',
    status: 401,
    requestId: 'r2',
    retryAfterSeconds: null,
  });
});

test('a problem behind an endpoint of Better Auth, its code in capitals, is one of ours', () => {
  const body = { ...problem, code: 'TOO_MANY_ATTEMPTS', message: problem.title };
  const error = parseRefusal({ status: 429, retryAfter: null, body });
  expect([error.code, error.refusal]).toEqual(['too_many_attempts', null]);
});

test('the wait is read from Retry-After when the body has none', () => {
  const error = parseRefusal({
    status: 429,
    retryAfter: '60',
    body: { code: 'TOO_MANY_ATTEMPTS', message: 'wait' },
  });
  expect(error.refusal?.retryAfterSeconds).toBe(60);
});

test('a code outside the table is not taken for one of ours', () => {
  const error = parseRefusal({
    status: 401,
    retryAfter: null,
    body: { ...problem, code: 'made_up' },
  });
  expect(error.code).toBe('auth_refused');
});

test('a gateway answering in the place of the server is a lost response', () => {
  expect(parseRefusal({ status: 502, retryAfter: null, body: null }).code).toBe('network');
  expect(parseRefusal({ status: 500, retryAfter: null, body: null }).code).toBe(
    'unexpected_response',
  );
});
