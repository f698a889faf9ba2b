import { ensureInstalled, ensureWebBuilt, runPinned } from './setup.mjs';

ensureInstalled();
await ensureWebBuilt();
process.exitCode = await runPinned([
  '--conditions=source',
  '--disable-warning=ExperimentalWarning',
  'bench/main.ts',
  ...process.argv.slice(2),
]);
