import type { Operation } from '../ceremonies/operation.ts';
import type { Tx } from '../storage/database.ts';
import { problemResponse } from './problem-response.ts';
import { DuplicateKeyError, parseStrictJson } from './strict-json.ts';

/** Header names in lower case, and the parameter each becomes. */
export type ParameterHeaders = Readonly<Record<string, string>>;

/**
 * Reads the parameters of an operation: path, query, named headers and body are one set, and a name
 * that occurs twice is refused. Resolves to the refusal when they are not what the schema asks for.
 */
export async function parseParameters<P extends object>(
  request: Request,
  options: {
    readonly operation: Operation<P, Tx>;
    readonly pathParameters: Readonly<Record<string, string>>;
    readonly headers: ParameterHeaders;
    readonly requestId: string;
  },
): Promise<P | Response> {
  const { operation, requestId } = options;
  const text = await request.text();
  const type = request.headers.get('content-type') ?? '';
  if (text !== '' && !/^application\/json\s*(;|$)/i.test(type)) {
    return problemResponse('media_type_unsupported', { requestId });
  }
  const merged = mergeParameters(request, text, options);
  if (typeof merged === 'string') return problemResponse(merged, { requestId });
  const result = operation.schema.safeParse(merged);
  if (result.success) return result.data;
  return problemResponse('parameters_invalid', {
    requestId,
    errors: result.error.issues.map((issue) => ({
      path: issue.path.join('.'),
      message: issue.message,
    })),
  });
}

function mergeParameters<P extends object>(
  request: Request,
  text: string,
  options: {
    readonly operation: Operation<P, Tx>;
    readonly pathParameters: Readonly<Record<string, string>>;
    readonly headers: ParameterHeaders;
  },
): object | 'malformed' | 'keys_repeated' {
  const { operation, pathParameters } = options;
  const entries: [string, unknown][] = Object.entries(pathParameters);
  entries.push(...new URL(request.url).searchParams.entries());
  // A secret in an address ends up in logs and histories.
  const isUnsafe = ([name]: [string, unknown]): boolean =>
    operation.secretFields.includes(name) || operation.personalFields.includes(name);
  if (entries.some(isUnsafe)) return 'malformed';
  for (const [header, name] of Object.entries(options.headers)) {
    const value = request.headers.get(header);
    if (value !== null) entries.push([name, value.replace(/^"(.*)"$/, '$1')]);
  }
  try {
    const body: unknown = text === '' ? {} : parseStrictJson(text);
    if (typeof body !== 'object' || body === null || Array.isArray(body)) return 'malformed';
    entries.push(...Object.entries(body));
  } catch (error) {
    return error instanceof DuplicateKeyError ? 'keys_repeated' : 'malformed';
  }
  const names = entries.map(([name]) => name);
  return new Set(names).size === names.length ? Object.fromEntries(entries) : 'keys_repeated';
}
