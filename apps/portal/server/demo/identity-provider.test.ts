import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { startDemoIdentityProvider } from './identity-provider.ts';

const dataDir = mkdtempSync(join(tmpdir(), 'countersign-provider-'));
afterEach(() => rmSync(dataDir, { recursive: true, force: true }));

test("the demo's identity provider starts with nothing to warn of", async () => {
  const said = [vi.spyOn(console, 'warn'), vi.spyOn(console, 'info')];
  const provider = await startDemoIdentityProvider({
    dataDir,
    redirectUris: ['http://localhost:3000/step-up/return'],
    emails: ['m.ortiz@riverside.example'],
  });
  await provider.stop();
  expect(said.flatMap(({ mock }) => mock.calls)).toEqual([]);
});
