import { freezeByLink } from '../ceremonies/freeze.ts';
import { readRepudiation } from '../ceremonies/repudiation.ts';
import { sourceFields } from '../ceremonies/sign-in.ts';
import { repudiationRequestSchema } from '../contract/index.ts';
import { admitAttempt, recordBlocked } from '../storage/source-window-store.ts';
import type { ServerContext } from './environment.ts';
import { parseJsonBody } from './parse-json-body.ts';
import { problemResponse } from './problem-response.ts';
import type { Routes } from './routes.ts';

/** `POST /api/wasnt-me`: the button behind the link of a mail. Reading the page changes nothing. */
export function addRepudiationRoute({ database }: ServerContext, routes: Routes): void {
  routes.anonymous(
    'POST',
    '/api/wasnt-me',
    { reason: 'freezes an account by the signed link of a mail to its person' },
    async (c) => {
      const source = c.get('source');
      const { requestId } = source;
      if (!(await admitAttempt(database, source))) {
        return problemResponse('too_many_attempts', { requestId, retryAfterSeconds: 60 });
      }
      const body = await parseJsonBody(c.req.raw, repudiationRequestSchema, requestId);
      if (body instanceof Response) return body;
      const { token } = body.value;
      const result = await database.transaction(async (unit) => {
        const keys = database.links?.keys ?? [];
        const link = readRepudiation(token, { keys, now: unit.now });
        return link === null ? 'forged' : freezeByLink(unit, { link, source });
      });
      if (result === 'frozen' || result === 'already') return c.json({ frozen: true });
      if (result === 'forged') {
        await recordBlocked(database, source.address, {
          event: 'account.frozen',
          outcome: 'denied',
          requestId,
          reason: 'link_rejected',
          personal: sourceFields(source),
        });
      }
      return problemResponse('link_rejected', { requestId });
    },
  );
}
