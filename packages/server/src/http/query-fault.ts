import type { z } from 'zod';
import { problemResponse } from './problem-response.ts';

/** The refusal of a query string that is not what its schema asks for. */
export function queryFault(error: z.ZodError, requestId: string): Response {
  return problemResponse('parameters_invalid', {
    requestId,
    errors: error.issues.map(({ path, message }) => ({ path: path.join('.'), message })),
  });
}
