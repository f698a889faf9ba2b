import { expect, test } from 'vitest';
import { type Exchange, formatExchange, learnSecrets } from './exchange.ts';
import { createVault } from './vault.ts';

const base: Exchange = {
  by: 'browser',
  note: '',
  at: '2026-01-01T00:00:00.000Z',
  method: 'POST',
  path: '/api/auth/two-factor/verify-totp',
  requestHeaders: [['content-type', 'application/json']],
  requestBody: null,
  status: 200,
  headers: [['content-type', 'application/json']],
  body: null,
};

function format(exchange: Partial<Exchange>) {
  const vault = createVault(new Uint8Array(32).fill(7));
  const whole = { ...base, ...exchange };
  learnSecrets(whole, vault);
  return { vault, text: JSON.stringify(formatExchange(whole, vault)) };
}

test.each<[string, Partial<Exchange>, string]>([
  ['a password', { requestBody: '{"password":"hunter2-hunter2"}' }, 'hunter2'],
  ['a typed code', { requestBody: '{"code":"123456"}' }, '123456'],
  ['a typed recovery code', { requestBody: '{"code":"AAAAA-BBBBB"}' }, 'AAAAA'],
  ['a key', { body: '{"totpURI":"otpauth://totp/a?secret=MZXW6YTBOI"}' }, 'MZXW6YTBOI'],
  ['recovery codes', { body: '{"recoveryCodes":["AAAAA-BBBBB"]}' }, 'AAAAA'],
  ['a grant in a body', { body: '{"grant":"gRaNt"}' }, 'gRaNt'],
  ['a grant in a header', { requestHeaders: [['countersign-grant', 'gRaNt']] }, 'gRaNt'],
  ['a cookie', { requestHeaders: [['cookie', 'a.session_token=ToKeN.SiG%3D']] }, 'ToKeN'],
  ['a signature', { requestHeaders: [['cookie', 'a.session_token=ToKeN.SiG%3D']] }, 'SiG'],
  ['a cookie that is set', { headers: [['set-cookie', 'a.pending=PeNd; Path=/']] }, 'PeNd'],
  ['an API key shown once', { body: '{"id":"1","key":"csk_KeYkEy"}' }, 'csk_KeYkEy'],
  ['a new password', { requestBody: '{"newPassword":"hunter2-hunter2"}' }, 'hunter2'],
  ['new recovery codes', { body: '{"codes":["AAAAA-BBBBB"]}' }, 'AAAAA'],
  [
    'the user handle of an answer',
    { requestBody: '{"response":{"userHandle":"HaNdLe"}}' },
    'HaNdLe',
  ],
  [
    'the user handle of creation options',
    { body: '{"options":{"user":{"id":"HaNdLe","name":"a","displayName":"A"}}}' },
    'HaNdLe',
  ],
  [
    'the state a browser takes to its provider',
    { body: '{"method":"idp","url":"http://a.example/?state=StAtE-12345","state":"StAtE-12345"}' },
    'StAtE',
  ],
  [
    'what a provider sends a browser back with',
    { path: '/step-up/return?code=CoDe-12345&state=StAtE-12345' },
    'CoDe',
  ],
  [
    'what a page hands on of it',
    {
      requestBody:
        '{"response":{"returnUrl":"http://a.example/step-up/return?code=CoDe-12345&state=StAtE-12345"}}',
    },
    'CoDe',
  ],
  [
    'what a page hands on of it by itself',
    {
      requestBody:
        '{"returnUrl":"http://a.example/sign-in/return?code=CoDe-12345&state=StAtE-12345"}',
    },
    'CoDe',
  ],
  ['a secret deep in a list', { body: '{"items":[{"token":"ToKeN"}]}' }, 'ToKeN'],
])('keeps %s out of what is written', (_what, exchange, secret) => {
  const { text } = format(exchange);
  expect(text).not.toContain(secret);
  expect(text).toMatch(/sha256-salted:[0-9a-f]{64}/);
});

test('gives one value the same commitment in a header and in a body', () => {
  const { vault, text } = format({
    headers: [['set-cookie', 'a.session_token=ToKeN.SiG; HttpOnly']],
    body: '{"token":"ToKeN"}',
  });
  expect(text.split(vault.commit('ToKeN'))).toHaveLength(3);
  expect(text).toContain('; HttpOnly');
});

test('keeps the code of a refusal, the attributes of a cookie and the empty value of a deleted one', () => {
  const { text } = format({
    status: 401,
    headers: [['set-cookie', 'a.session_token=; Max-Age=0']],
    body: '{"code":"INVALID_CODE"}',
  });
  expect(text).toContain('INVALID_CODE');
  expect(text).toContain('a.session_token=; Max-Age=0');
});

test('keeps the state of an export, the id of a person and the number of codes', () => {
  const { text } = format({
    body: '{"state":"ready","user":{"id":"person-1","name":"A"},"codes":10}',
  });
  expect(text).toContain('{"state":"ready","user":{"id":"person-1","name":"A"},"codes":10}');
});

test('covers a user handle only where it stands by itself', () => {
  const vault = createVault(new Uint8Array(32));
  vault.add('user handle', 'cGVyc29uLTE');
  const exchange = { ...base, body: '{"entry":"AAAAcGVyc29uLTEAAAA","other":"cGVyc29uLTE"}' };
  const text = JSON.stringify(formatExchange(exchange, vault));
  expect(text).toContain('AAAAcGVyc29uLTEAAAA');
  expect(text).not.toContain('"cGVyc29uLTE"');
});

test('covers a secret learned elsewhere wherever it turns up again', () => {
  const vault = createVault(new Uint8Array(32));
  vault.add('grant', 'gRaNt-12345');
  const exchange = { ...base, path: '/x?g=gRaNt-12345', body: 'text with gRaNt-12345 in it' };
  expect(JSON.stringify(formatExchange(exchange, vault))).not.toContain('gRaNt-12345');
});

test('gives commitments that another run could not have made', () => {
  const one = createVault(new Uint8Array(32).fill(1));
  const other = createVault(new Uint8Array(32).fill(2));
  expect(one.commit('123456')).not.toBe(other.commit('123456'));
});
