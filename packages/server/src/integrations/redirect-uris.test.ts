import fc from 'fast-check';
import { expect, test } from 'vitest';
import { redirectUrisOf } from './redirect-uris.ts';

const baseUrl = 'https://portal.example';

test('what administrators registered stays what it is', () => {
  expect(redirectUrisOf(baseUrl, null)).toEqual({
    'step-up': 'https://portal.example/step-up/return',
    'sign-in': 'https://portal.example/sign-in/return',
  });
  const key = 'n7VyOSy0JDlQh9_jU2zFqymnFx-q38jUDOiLnzpz4oI';
  expect(redirectUrisOf(baseUrl, 'clinic-1')).toEqual({
    'step-up': `https://portal.example/step-up/return/${key}`,
    'sign-in': `https://portal.example/sign-in/return/${key}`,
  });
});

test('CS-33: no two tenants share an address, and whatever a tenant is called, its addresses are plain', () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), (one, other) => {
      const addresses = [one, other].flatMap((id) => Object.values(redirectUrisOf(baseUrl, id)));
      expect(new Set(addresses).size).toBe(one === other ? 2 : 4);
      for (const address of addresses) {
        expect(address).toMatch(/^https:\/\/portal\.example\/[a-z-]+\/return\/[\w-]{43}$/u);
        expect(new URL(address).href).toBe(address);
      }
    }),
  );
});
