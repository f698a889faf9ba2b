import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { providerFetch, providerUrlFault } from './provider-fetch.ts';

const PORTAL = 'https://portal.example';

test.each([
  ['https://login.example', null],
  ['https://login.example:8443/realms/clinic', null],
  ['http://login.example', 'not_https'],
  ['ftp://login.example', 'not_https'],
  ['http://localhost:8080', 'not_https'],
  ['http://127.0.0.1:8080', 'not_https'],
  ['https://localhost', 'not_a_host'],
  ['https://localhost.', 'not_a_host'],
  ['https://idp.localhost', 'not_a_host'],
  ['https://127.0.0.1', 'not_a_host'],
  ['https://2130706433', 'not_a_host'],
  ['https://0x7f.1', 'not_a_host'],
  ['https://169.254.169.254/latest/meta-data', 'not_a_host'],
  ['https://[::1]', 'not_a_host'],
  ['https://[::ffff:10.0.0.1]', 'not_a_host'],
  ['https://user:pass@login.example', 'not_a_url'],
  ['https://login.example#part', 'not_a_url'],
  ['login.example', 'not_a_url'],
])('a portal of the network speaks to %s: %s', (address, fault) => {
  expect(providerUrlFault(address, PORTAL)).toBe(fault);
});

test('a portal of this machine may speak to a provider beside it, and in the clear to nobody else', () => {
  expect(providerUrlFault('http://127.0.0.1:4000', 'http://localhost:3000')).toBeNull();
  expect(providerUrlFault('http://login.example', 'http://localhost:3000')).toBe('not_https');
  expect(providerUrlFault('https://10.0.0.1', 'http://localhost:3000')).toBe('not_a_host');
});

test('nothing is sent where nothing may be, no redirect is followed, and no flood is read', async () => {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(request.url ?? '');
    if (request.url === '/redirect') response.writeHead(302, { location: '/elsewhere' });
    response.end(request.url === '/flood' ? 'x'.repeat(300_000) : 'short');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const mayReach = (address: string) => address.startsWith(base);
  const get = (address: string) => providerFetch(mayReach)(address, {});
  await expect(get('http://127.0.0.2:1/')).rejects.toThrow('not spoken to');
  expect((await get(`${base}/redirect`)).status).toBe(302);
  expect(await (await get(`${base}/short`)).text()).toBe('short');
  await expect(get(`${base}/flood`)).rejects.toThrow('answered too much');
  expect(asked).toEqual(['/redirect', '/short', '/flood']);
  server.close();
});
