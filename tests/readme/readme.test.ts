import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const read = (path: string): string =>
  readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');

test('shows the very example that is compiled beside this test', () => {
  const shown = /```ts\n([\s\S]*?)```/.exec(read('README.md'))?.[1];
  expect(shown).toBe(read('tests/readme/integration-example.ts'));
});

test('names no file that is not there', () => {
  const links = [...read('README.md').matchAll(/\]\((?!http)([^)#]+)\)/g)].map((it) => it[1] ?? '');
  expect(links.length).toBeGreaterThan(4);
  for (const link of links) expect(() => read(link), link).not.toThrow();
});
