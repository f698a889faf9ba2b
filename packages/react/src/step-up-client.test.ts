import { expect, test } from 'vitest';
import { createClient } from './create-client.ts';

const id = '0195f1a0-0000-7000-8000-000000000001';

/** A client whose server answers `body` to everything, with what it was sent. */
function answering(body: unknown) {
  const sent: { url: string; method: string; body: unknown }[] = [];
  const client = createClient({
    fetch: async (url, init) => {
      const json: unknown = JSON.parse(String(init?.body ?? 'null'));
      sent.push({ url: String(url), method: init?.method ?? 'GET', body: json });
      return Response.json(body);
    },
  });
  return { client, sent };
}

test('beginning names the method and answers with its options', async () => {
  const options = { method: 'idp', url: 'https://idp.example/authorize', state: 's' };
  const { client, sent } = answering(options);
  await expect(client.beginStepUp(id, 'idp')).resolves.toEqual(options);
  expect(sent).toEqual([
    { url: `/api/step-up/${id}/begin`, method: 'POST', body: { method: 'idp' } },
  ]);
});

test('options for another method are not taken', async () => {
  const { client } = answering({ method: 'totp' });
  await expect(client.beginStepUp(id, 'passkey')).rejects.toMatchObject({
    code: 'unexpected_response',
  });
});

test('verifying sends the answer as it is', async () => {
  const { client, sent } = answering({ grant: 'g', expiresAt: '2026-11-14T10:01:00.000Z' });
  const request = {
    method: 'idp',
    response: { returnUrl: 'https://portal.example/step-up/return?code=c&state=s' },
  } as const;
  await expect(client.verifyStepUp(id, request)).resolves.toMatchObject({ grant: 'g' });
  expect(sent).toEqual([{ url: `/api/step-up/${id}/verify`, method: 'POST', body: request }]);
});

test('a window comes without a grant', async () => {
  const { client } = answering({ grant: null, expiresAt: '2026-11-14T10:05:00.000Z' });
  const answer = client.verifyStepUp(id, { method: 'totp', code: '123456' });
  await expect(answer).resolves.toMatchObject({ grant: null });
});

test('verifying waits for the requests under way, since it replaces the cookie', async () => {
  const order: string[] = [];
  const { promise: slow, resolve } = Promise.withResolvers<void>();
  const client = createClient({
    fetch: async (url) => {
      if (!String(url).endsWith('/verify')) await slow;
      order.push(String(url));
      return Response.json({ grant: 'g', expiresAt: '2026-11-14T10:01:00.000Z' });
    },
  });
  const shared = client.send('/api/records');
  const verified = client.verifyStepUp(id, { method: 'totp', code: '123456' });
  resolve();
  await Promise.all([shared, verified]);
  expect(order).toEqual(['/api/records', `/api/step-up/${id}/verify`]);
});
