import { spawn } from 'node:child_process';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** One place in the sources, made different. */
export interface Patch {
  /** Relative to the repository. */
  readonly file: string;
  /** Occurs exactly once. */
  readonly find: string;
  readonly replace: string;
}

export interface BuildRun {
  readonly exitCode: number | null;
  /** Absolute folder of the package. */
  readonly folder: string;
  readonly result: string;
  readonly secretsFound: number;
  readonly steps: readonly {
    readonly name: string;
    readonly result: string;
    /** Checks that do not hold; cells of the matrix by their names. */
    readonly broken: readonly string[];
  }[];
  /** Lines of progress; none of them may hold a secret. */
  readonly progress: string;
}

const REPOSITORY = fileURLToPath(new URL('../../', import.meta.url));
const PARTS = ['packages/log', 'packages/server', 'packages/react', 'packages/cli'] as const;

/**
 * Runs the evidence of a copy of this repository in which each patch was applied: all of it, or the
 * steps named in `only` with what they build on.
 */
export async function runPatchedBuild(
  { patches, only }: { readonly patches: readonly Patch[]; readonly only?: readonly string[] },
  inspect: (run: BuildRun) => void | Promise<void>,
): Promise<void> {
  const part = only === undefined ? [] : ['--only', only.join(',')];
  await runInPatchedBuild(patches, ['evidence', 'run', '--json', ...part], async (ended) => {
    const { exitCode, output, progress } = ended;
    await inspect({ exitCode, progress, ...JSON.parse(output) });
  });
}

/** How a command ended, with both its streams. */
export interface CommandRun {
  readonly exitCode: number | null;
  readonly output: string;
  readonly progress: string;
}

/**
 * Runs one of the command line's commands in a copy of this repository in which each patch was applied.
 *
 * @throws when it put nothing out.
 */
export async function runInPatchedBuild(
  patches: readonly Patch[],
  command: readonly string[],
  inspect: (ended: CommandRun) => void | Promise<void>,
): Promise<void> {
  const root = mkdtempSync(join(tmpdir(), 'countersign-build-'));
  try {
    copySources(root);
    linkModules(root);
    for (const patch of patches) applyPatch(root, patch);
    await inspect(await runCommandOf(root, command));
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

function copySources(root: string): void {
  const kept = (path: string) => !/\/(node_modules|\.vite)$|\.test\.tsx?$/.test(path);
  const copy = (path: string) =>
    cpSync(join(REPOSITORY, path), join(root, path), { recursive: true, filter: kept });
  for (const part of PARTS) {
    copy(`${part}/package.json`);
    copy(`${part}/src`);
  }
  copy('apps/portal/package.json');
  copy('apps/portal/server');
  copy('apps/portal/web/dist');
}

/** Workspace packages must be the copy's own; everything else is shared. */
function linkModules(root: string): void {
  const shared = join(REPOSITORY, 'node_modules');
  const own = join(root, 'node_modules');
  mkdirSync(join(own, '@countersign'), { recursive: true });
  for (const name of readdirSync(shared)) {
    if (name !== '@countersign' && name !== 'countersign') {
      symlinkSync(join(shared, name), join(own, name));
    }
  }
  for (const part of PARTS) {
    const { name } = JSON.parse(readFileSync(join(root, part, 'package.json'), 'utf8')) as {
      name: string;
    };
    symlinkSync(join(root, part), join(own, name));
  }
}

function applyPatch(root: string, { file, find, replace }: Patch): void {
  const path = join(root, file);
  const pieces = readFileSync(path, 'utf8').split(find);
  if (pieces.length !== 2) {
    throw new Error(`${file}: the place to change occurs ${pieces.length - 1} times: ${find}`);
  }
  writeFileSync(path, pieces.join(replace));
}

function runCommandOf(root: string, command: readonly string[]): Promise<CommandRun> {
  const program = join(root, 'packages/cli/src/main.ts');
  const flags = ['--conditions=source', '--disable-warning=ExperimentalWarning'];
  const child = spawn(process.execPath, [...flags, program, ...command], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  let progress = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    progress += text;
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (exitCode) => {
      if (output === '') reject(new Error(`it did not run: ${progress}`));
      else resolve({ exitCode, output, progress });
    });
  });
}
