import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import type { TenantProvider } from '../ceremonies/provider-ports.ts';
import { tenantProviders } from './tenant-providers.ts';

const baseUrl = 'https://portal.example';
const installation = { issuer: 'https://all.example', clientId: 'c', clientSecret: 's' };
const sealKeys = [randomBytes(32)];
const client = { tenantId: 't', issuer: 'https://own.example', clientId: 'own' };
const nothing: TenantProvider = { version: 0, signInName: null, maxAgeSeconds: 60, own: null };

function recordedBy(providers: ReturnType<typeof tenantProviders>, version: number) {
  const { issuer, clientId } = client;
  const sealedSecret = providers.seal(client, 'the secret');
  return { ...nothing, version, own: { issuer, clientId, sealedSecret } };
}

test('a tenant that recorded nothing has the installation’s provider, and where there is none, none', () => {
  const providers = tenantProviders({ baseUrl, installation, sealKeys });
  expect(providers.of('t', nothing)).toBe(providers.installation);
  expect(providers.issuerOf(nothing)).toBe('https://all.example');
  const without = tenantProviders({ baseUrl, installation: null, sealKeys });
  expect([without.of('t', nothing), without.issuerOf(nothing)]).toEqual([null, null]);
});

test('one object serves each version of what was recorded, and another the next', () => {
  const providers = tenantProviders({ baseUrl, installation, sealKeys });
  const recorded = recordedBy(providers, 1);
  const first = providers.of('t', recorded);
  expect(first?.issuer).toBe(client.issuer);
  expect(providers.of('t', recorded)).toBe(first);
  expect(providers.of('t', { ...recorded, version: 2 })).not.toBe(first);
  // A version that was tried and never recorded, and the one that was.
  expect(providers.of('t', recordedBy(providers, 2))).not.toBe(providers.of('t', recorded));
  expect(providers.of('t', nothing)).toBe(providers.installation);
});

test('a secret outlives a rotation of the key, and no move to another tenant, issuer or client', () => {
  const before = tenantProviders({ baseUrl, installation: null, sealKeys });
  const recorded = recordedBy(before, 1);
  const newKey = randomBytes(32);
  const rotated = tenantProviders({
    baseUrl,
    installation: null,
    sealKeys: [newKey, ...sealKeys],
  });
  expect(rotated.of('t', recorded)?.issuer).toBe(client.issuer);
  expect(() => rotated.of('another', recorded)).toThrow('no key opens');
  for (const change of [{ issuer: 'https://attacker.example' }, { clientId: 'other' }]) {
    const moved = { ...recorded, version: 9, own: { ...recorded.own, ...change } };
    expect(() => rotated.of('t', moved)).toThrow('no key opens');
  }
  const lost = tenantProviders({ baseUrl, installation: null, sealKeys: [newKey] });
  expect(() => lost.of('t', recorded)).toThrow('no key opens');
});
