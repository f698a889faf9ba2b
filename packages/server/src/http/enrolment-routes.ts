import { proveAddress, sendAddressCode } from '../ceremonies/prove-address.ts';
import { addressCodeRequestSchema } from '../contract/index.ts';
import type { ServerContext } from './environment.ts';
import { parseJsonBody } from './parse-json-body.ts';
import { problemResponse } from './problem-response.ts';
import { type Routes, refuse } from './routes.ts';

/** Before an enrolment that policy forces: the code from the person's verified address. */
export function addEnrolmentRoutes(context: ServerContext, routes: Routes): void {
  const { database, codeKey, random } = context;
  routes.exempt(
    'POST',
    '/api/enrolment/code',
    { reason: 'mails a code to the address that is verified already', standing: 'unproved' },
    async (c, { session }) => {
      const source = c.get('source');
      const { requestId } = source;
      const result = await database.transaction((unit) =>
        sendAddressCode(unit, { session, source, codeKey, random }),
      );
      switch (result.kind) {
        case 'sent':
          return c.json({
            sentTo: result.sentTo,
            expiresAt: result.expiresAt.toISOString(),
            resendAfterSeconds: result.resendAfterSeconds,
          });
        case 'throttled':
          return problemResponse('too_many_attempts', {
            requestId,
            retryAfterSeconds: result.retryAfterSeconds,
          });
        case 'unverified':
          return problemResponse('forbidden', { requestId });
        case 'gone':
          return refuse(context, c, 'session_required');
      }
    },
  );
  routes.exempt(
    'POST',
    '/api/enrolment/code/verify',
    { reason: 'takes that code, once, within its budget', standing: 'unproved' },
    async (c, { session }) => {
      const source = c.get('source');
      const { requestId } = source;
      const body = await parseJsonBody(c.req.raw, addressCodeRequestSchema, requestId);
      if (body instanceof Response) return body;
      const { code } = body.value;
      const result = await database.transaction((unit) =>
        proveAddress(unit, { session, source, codeKey, code }),
      );
      switch (result.kind) {
        case 'proved':
          return c.json({ isAddressProved: true });
        case 'rejected':
          return problemResponse('code_rejected', { requestId });
        case 'throttled':
          return problemResponse('too_many_attempts', {
            requestId,
            retryAfterSeconds: result.retryAfterSeconds,
          });
        case 'gone':
          return refuse(context, c, 'session_required');
      }
    },
  );
}
