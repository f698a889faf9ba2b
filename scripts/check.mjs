import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { findLayeringFaults } from './layering.mjs';
import { ensureInstalled, pinnedEnvironment, pinnedNode, root, toolPath } from './setup.mjs';

const generatedDocs = ['docs/events.md', 'docs/errors.md', 'docs/conformance.md'];

/** Each step returns true when it holds, and has printed the reason when it does not. */
const steps = [
  ['format and lint', () => runNode(toolPath('@biomejs/biome', 'bin/biome'), 'ci', '.')],
  ['layering', layeringHolds],
  ['types', () => runNode(toolPath('typescript', 'bin/tsc'), '-b')],
  ['unused code', () => runNode(toolPath('knip', 'bin/knip.js'), '--no-progress')],
  ['generated docs', generatedDocsHold],
];

ensureInstalled();
for (const [title, holds] of steps) {
  const startedAt = Date.now();
  const held = holds();
  const seconds = ((Date.now() - startedAt) / 1000).toFixed(1);
  process.stdout.write(`${held ? 'ok' : 'failed'}: ${title} (${seconds} s)\n`);
  if (!held) process.exitCode = 1;
}

function runNode(...args) {
  const options = { cwd: root, env: pinnedEnvironment(), stdio: 'inherit' };
  return spawnSync(pinnedNode, args, options).status === 0;
}

function layeringHolds() {
  const faults = findLayeringFaults();
  for (const fault of faults) process.stdout.write(`${fault}\n`);
  return faults.length === 0;
}

// Compared by content and not through git: the check must hold in an unpacked archive too.
function generatedDocsHold() {
  if (!existsSync(join(root, 'scripts/generate-docs.ts'))) return true;
  const before = generatedDocs.map(readDoc);
  if (!runNode('--conditions=source', 'scripts/generate-docs.ts')) return false;
  const changed = generatedDocs.filter((path, index) => readDoc(path) !== before[index]);
  for (const path of changed) process.stdout.write(`${path} was out of date, it is written now\n`);
  return changed.length === 0;
}

function readDoc(path) {
  const file = join(root, path);
  return existsSync(file) ? readFileSync(file, 'utf8') : undefined;
}
