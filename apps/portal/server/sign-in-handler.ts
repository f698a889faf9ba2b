import { problemResponse, type RouteContext, type ServerContext } from '@countersign/server';

/**
 * Lets Better Auth answer, and adds what its answers lack: a request id in every error, and "no"
 * instead of details when something broke.
 */
export async function answerSignIn(
  context: ServerContext,
  c: RouteContext,
  handleAuth: (request: Request) => Promise<Response>,
): Promise<Response> {
  const { requestId } = c.get('source');
  const response = await handleAuth(c.req.raw);
  if (response.status >= 500) {
    context.onError(new Error('sign-in answered 500'), requestId);
    return problemResponse('unavailable', { requestId });
  }
  if (response.status < 400) return response;
  const body = await readObject(response);
  const headers = new Headers(response.headers);
  headers.set('content-type', 'application/json');
  headers.delete('content-length');
  const text = JSON.stringify({
    code: 'NOT_FOUND',
    message: 'There is nothing here',
    ...body,
    requestId,
  });
  return new Response(text, { status: response.status, headers });
}

async function readObject(response: Response): Promise<object> {
  try {
    const body: unknown = JSON.parse(await response.text());
    return typeof body === 'object' && body !== null ? body : {};
  } catch {
    return {};
  }
}
