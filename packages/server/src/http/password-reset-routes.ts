import {
  passwordResetCompleteRequestSchema,
  passwordResetRequestSchema,
} from '../contract/index.ts';
import { admitAttempt } from '../storage/source-window-store.ts';
import type { ServerContext } from './environment.ts';
import { parseJsonBody } from './parse-json-body.ts';
import { passwordRefusal } from './password-refusal.ts';
import { askForReset, completeReset } from './password-reset.ts';
import { problemResponse } from './problem-response.ts';
import type { Routes } from './routes.ts';

/** Another password by a mailed link, for somebody who is not signed in. */
export function addPasswordResetRoutes(context: ServerContext, routes: Routes): void {
  const { database } = context;
  routes.anonymous(
    'POST',
    '/api/password-reset',
    { reason: 'mails a link to a verified address, and answers alike for every address' },
    async (c) => {
      const source = c.get('source');
      const { requestId } = source;
      if (!(await admitAttempt(database, source))) {
        return problemResponse('too_many_attempts', { requestId, retryAfterSeconds: 60 });
      }
      const body = await parseJsonBody(c.req.raw, passwordResetRequestSchema, requestId);
      if (body instanceof Response) return body;
      await askForReset(context, { email: body.value.email, source });
      return c.json({ asked: true }, 202);
    },
  );
  routes.anonymous(
    'POST',
    '/api/password-reset/complete',
    { reason: 'takes that link, once; signs nobody in and changes no authenticator' },
    async (c) => {
      const source = c.get('source');
      const { requestId } = source;
      if (!(await admitAttempt(database, source))) {
        return problemResponse('too_many_attempts', { requestId, retryAfterSeconds: 60 });
      }
      const body = await parseJsonBody(c.req.raw, passwordResetCompleteRequestSchema, requestId);
      if (body instanceof Response) return body;
      const outcome = await completeReset(context, { ...body.value, source });
      switch (outcome.kind) {
        case 'changed':
          return c.json({ changed: true });
        case 'rejected':
          return problemResponse('link_rejected', { requestId });
        case 'refused':
          return passwordRefusal(outcome.fault, { requestId });
      }
    },
  );
}
