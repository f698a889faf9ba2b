import { expect, test } from 'vitest';
import { createClient, type SessionLoss } from './create-client.ts';

/** What listeners are told when every request is refused with `body`. */
async function lossesAfter(body: object): Promise<SessionLoss[]> {
  const client = createClient({ fetch: async () => Response.json(body, { status: 401 }) });
  const losses: SessionLoss[] = [];
  client.onSessionLost((loss) => losses.push(loss));
  await expect(client.send('/api/records')).rejects.toMatchObject({ name: 'CountersignError' });
  return losses;
}

const problem = (code: string) => ({
  type: 'about:blank',
  title: code,
  status: 401,
  code,
  requestId: 'r',
});

test.each(['session_required', 'challenge_required', 'enrolment_required'] as const)(
  '%s tells that the session may be lost, in both forms of refusal',
  async (code) => {
    expect(await lossesAfter(problem(code))).toEqual([code]);
    expect(await lossesAfter({ code: code.toUpperCase(), message: 'no' })).toEqual([code]);
  },
);

test('Better Auth says in its own word that there is no session', async () => {
  expect(await lossesAfter({ code: 'UNAUTHORIZED', message: 'no' })).toEqual(['session_required']);
});

test('any other refusal leaves the session as it is', async () => {
  expect(await lossesAfter(problem('step_up_required'))).toEqual([]);
  expect(await lossesAfter({ code: 'INVALID_CODE', message: 'no' })).toEqual([]);
});
