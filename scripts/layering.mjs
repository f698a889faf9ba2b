// A layering rule that matches nothing looks exactly like one that is never broken. So every
// boundary is crossed here once, in a scratch folder, and Biome must report each crossing, and
// nothing but the crossings.
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pinnedEnvironment, root, toolPath } from './setup.mjs';

const layers = [
  ['contract'],
  ['events', 'policy'],
  ['factors'],
  ['ceremonies'],
  ['audit'],
  ['storage'],
  ['http'],
  ['integrations'],
];
const pure = ['contract', 'events', 'policy'];

const betterAuth = ['better-auth', 'better-auth/api', 'better-call', '@better-auth/utils/otp'];
const everything = [...betterAuth, 'node:fs', 'node:fs/promises', 'pg'];

/** Every crossing that must be reported and every import that must not be. */
function cases() {
  return [
    ...layers.flat().flatMap(folderCases),
    ...forbid('packages/log/src', ['@countersign/server', '@countersign/react', ...betterAuth]),
    ...allow('packages/log/src', ['node:crypto', 'canonicalize']),
    ...forbid('packages/react/src', [
      '@countersign/server',
      '@countersign/server/better-auth',
      '@countersign/log',
      'node:fs',
      ...betterAuth,
    ]),
    ...allow('packages/react/src', ['@countersign/server/contract', 'react']),
    ...forbid('packages/cli/src', ['@countersign/react', '../../server/src/x.ts', ...betterAuth]),
    ...allow('packages/cli/src', ['@countersign/server', '@countersign/log', 'node:fs']),
    ...forbid('apps/portal/server', ['@countersign/react', '../web/src/x.ts']),
    ...forbid('apps/portal/server', ['../../../packages/server/src/x.ts']),
    ...allow('apps/portal/server', [...everything, '@countersign/server', '@countersign/log']),
    ...forbid('apps/portal/web/src', ['node:fs', 'pg', '@countersign/log']),
    ...allow('apps/portal/web/src', ['@countersign/react', '@countersign/server/contract']),
  ];
}

function folderCases(name) {
  const folder = `packages/server/src/${name}`;
  const level = layers.findIndex((layer) => layer.includes(name));
  const left = layers.slice(0, level).flat();
  const others = layers.flat().filter((other) => other !== name && !left.includes(other));
  return [
    ...allow(folder, [...left.map((other) => `../${other}/x.ts`), './y.ts', 'zod']),
    ...allow(
      `${folder}/deeper`,
      left.map((other) => `../../${other}/x.ts`),
    ),
    ...forbid(
      folder,
      others.map((other) => `../${other}/x.ts`),
    ),
    ...forbid(
      `${folder}/deeper`,
      others.map((other) => `../../${other}/x.ts`),
    ),
    ...forbid(folder, ['../index.ts', '@countersign/server', '@countersign/react']),
    ...(name === 'integrations' ? allow : forbid)(folder, betterAuth),
    ...(pure.includes(name) ? forbid : allow)(folder, ['node:crypto', 'node:fs/promises', 'pg']),
    ...(name === 'contract' ? forbid : allow)(folder, ['@countersign/log']),
  ];
}

function forbid(folder, specifiers) {
  return specifiers.map((specifier) => ({ folder, specifier, reported: true }));
}

function allow(folder, specifiers) {
  return specifiers.map((specifier) => ({ folder, specifier, reported: false }));
}

/** One line for each boundary that Biome does not hold, or holds where it should not. */
export function findLayeringFaults() {
  const scratch = mkdtempSync(join(tmpdir(), 'countersign-layering-'));
  try {
    copyFileSync(join(root, 'biome.json'), join(scratch, 'biome.json'));
    const probes = cases().map((probe, index) => {
      const path = `${probe.folder}/probe-${index}.ts`;
      mkdirSync(dirname(join(scratch, path)), { recursive: true });
      const text = `import { x } from '${probe.specifier}';\nexport const y: unknown = x;\n`;
      writeFileSync(join(scratch, path), text);
      return { ...probe, path };
    });
    const reported = reportedFiles(scratch);
    return probes
      .filter((probe) => reported.has(probe.path) !== probe.reported)
      .map(({ folder, specifier, reported }) =>
        reported
          ? `${folder} may import ${specifier}, and must not`
          : `${folder} may not import ${specifier}, and should`,
      );
  } finally {
    rmSync(scratch, { recursive: true });
  }
}

function reportedFiles(folder) {
  const args = ['lint', '--only=style/noRestrictedImports', '--reporter=github', '--colors=off'];
  const run = spawnSync(
    process.execPath,
    [
      toolPath('@biomejs/biome', 'bin/biome'),
      ...args,
      '--vcs-enabled=false',
      '--max-diagnostics=none',
      '.',
    ],
    { cwd: folder, encoding: 'utf8', env: pinnedEnvironment() },
  );
  const found = run.stdout.matchAll(/title=lint\/style\/noRestrictedImports,file=([^,]+),/g);
  return new Set([...found].map((match) => match[1].replace(/^.*?(packages|apps)\//, '$1/')));
}
