import { ensureChromium } from './chromium.mjs';
import { ensureInstalled, ensureWebBuilt, runPinned } from './setup.mjs';

ensureInstalled();
await ensureWebBuilt();
const env = { CHROME_PATH: ensureChromium() };
const args = ['evidence', 'run', ...process.argv.slice(2)];
process.exitCode = await runPinned(
  [
    '--conditions=source',
    '--disable-warning=ExperimentalWarning',
    'packages/cli/src/main.ts',
    ...args,
  ],
  { env },
);
