import type { z } from 'zod';
import { problemResponse } from './problem-response.ts';
import { DuplicateKeyError, parseStrictJson } from './strict-json.ts';

/** Reads a JSON body of one schema, or resolves to the refusal that says what is wrong with it. */
export async function parseJsonBody<T>(
  request: Request,
  schema: z.ZodType<T>,
  requestId: string,
): Promise<{ readonly value: T } | Response> {
  if (!/^application\/json\s*(;|$)/i.test(request.headers.get('content-type') ?? '')) {
    return problemResponse('media_type_unsupported', { requestId });
  }
  let body: unknown;
  try {
    body = parseStrictJson(await request.text());
  } catch (error) {
    const code = error instanceof DuplicateKeyError ? 'keys_repeated' : 'malformed';
    if (error instanceof SyntaxError) return problemResponse(code, { requestId });
    throw error;
  }
  const parsed = schema.safeParse(body);
  if (parsed.success) return { value: parsed.data };
  return problemResponse('parameters_invalid', {
    requestId,
    errors: parsed.error.issues.map((issue) => ({
      path: issue.path.join('.'),
      message: issue.message,
    })),
  });
}
