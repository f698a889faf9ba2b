// Plain JavaScript without dependencies: this runs on the machine's own Node, before npm ci.
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, lstatSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { constants } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('..', import.meta.url));

const modules = join(root, 'node_modules');
const webFolder = join(root, 'apps', 'portal', 'web');
const NODE_MAJOR = 24;
const forwarded = ['SIGINT', 'SIGTERM', 'SIGHUP'];

/** The Node this repository pins; everything but these scripts runs on it. */
export const pinnedNode = join(modules, '.bin', process.platform === 'win32' ? 'node.cmd' : 'node');

/** Ends the script with one line on the error stream. */
export function fail(line, code = 1) {
  process.stderr.write(`${line}\n`);
  process.exit(code);
}

/** Installs what the lock file names, unless that is what is installed already. */
export function ensureInstalled() {
  const stamp = join(modules, '.countersign-lock');
  const wanted = sha256(readFileSync(join(root, 'package-lock.json')));
  if (readIfThere(stamp) !== wanted) {
    process.stdout.write('installing dependencies\n');
    // Behind a stale stamp an interrupted install would pass for a finished one.
    rmSync(stamp, { force: true });
    install();
  }
  ensurePinnedNode();
  writeFileSync(stamp, wanted);
}

/** Builds the portal's pages, unless their sources are those of the last build. */
export async function ensureWebBuilt() {
  const stamp = join(modules, '.countersign-web');
  const wanted = webSourcesHash();
  const page = join(webFolder, 'dist', 'index.html');
  if (existsSync(page) && readIfThere(stamp) === wanted) return;
  process.stdout.write('building the portal pages (vite build)\n');
  rmSync(stamp, { force: true });
  const code = await runPinned([toolPath('vite', 'bin/vite.js'), 'build', '--logLevel', 'warn'], {
    cwd: webFolder,
  });
  if (code !== 0) fail(`vite build ended with ${code}: see its lines above`);
  writeFileSync(stamp, wanted);
}

/** The file of an installed tool, to be run by the pinned Node. */
export function toolPath(packageName, file) {
  return join(modules, packageName, file);
}

/**
 * Runs the pinned Node and resolves to its exit code, 128 + n when a signal ended it.
 *
 * Signals are passed on once each, since npm repeats them. A terminal sends Ctrl-C to the whole
 * group by itself, and a second one would cut the child's orderly end short.
 */
export function runPinned(args, { cwd = root, env = {} } = {}) {
  return new Promise((done) => {
    const child = spawn(pinnedNode, args, {
      cwd,
      env: pinnedEnvironment(env),
      stdio: 'inherit',
    });
    const passedOn = new Set(process.stdin.isTTY ? ['SIGINT'] : []);
    const forward = (signal) => {
      if (!passedOn.has(signal)) child.kill(signal);
      passedOn.add(signal);
    };
    for (const signal of forwarded) process.on(signal, forward);
    const watch = onceLauncherIsGone(() => forward('SIGTERM'));
    const finish = (code) => {
      clearInterval(watch);
      for (const signal of forwarded) process.off(signal, forward);
      done(code);
    };
    child.once('error', (error) => {
      process.stderr.write(`${pinnedNode} does not run (${error.code})\n`);
      finish(1);
    });
    child.once('exit', (code, signal) => finish(code ?? 128 + constants.signals[signal]));
  });
}

// npm passes a signal on to the shell it started, and that shell dies of it without a word to us:
// a new parent is then the only sign. Outside npm a new parent means nothing (nohup, disown).
function onceLauncherIsGone(act) {
  if (!process.env.npm_lifecycle_event) return undefined;
  const launcher = process.ppid;
  return setInterval(() => process.ppid !== launcher && act(), 200);
}

/** The environment in which `node` means the pinned one, for tools that start others. */
export function pinnedEnvironment(extra = {}) {
  const path = [join(modules, '.bin'), process.env.PATH].filter(Boolean).join(delimiter);
  return { ...process.env, PATH: path, ...extra };
}

function install() {
  const quiet = ['--no-audit', '--no-fund', '--loglevel=error'];
  const exact = npm(['ci', ...quiet], 'pipe');
  if (exact.status === 0) return;
  // A registry that lacks other platforms' optional packages leaves them out of the lock file,
  // and npm ci refuses such a file; npm install keeps to it for everything that it does name.
  if (!/lock file/.test(exact.stderr)) fail(`npm ci failed:\n${exact.stderr.trim()}`);
  process.stdout.write('the lock file does not name every platform: using npm install\n');
  const status = npm(['install', '--no-save', ...quiet]).status;
  if (status !== 0) fail(`npm install ended with ${status}: see its lines above`);
}

function ensurePinnedNode() {
  if (pinnedMajor() === NODE_MAJOR) return;
  process.stdout.write(`fetching Node ${NODE_MAJOR} (npm rebuild node)\n`);
  npm(['rebuild', 'node', '--foreground-scripts']);
  if (pinnedMajor() === NODE_MAJOR) return;
  // npm may block install scripts and still exit 0: then the package's own installer is run here.
  spawnSync(process.execPath, ['installArchSpecificPackage.js'], {
    cwd: join(modules, 'node'),
    stdio: 'ignore',
  });
  if (pinnedMajor() === NODE_MAJOR) return;
  fail(
    `Node ${NODE_MAJOR} is missing from node_modules: allow the install script of the package "node" and run npm ci`,
  );
}

function pinnedMajor() {
  const asked = spawnSync(pinnedNode, ['-p', 'process.versions.node'], { encoding: 'utf8' });
  return Number.parseInt(asked.stdout ?? '', 10);
}

function npm(args, stdio = 'inherit') {
  // Under `npm start` this is the very npm that runs; a PATH may hold another or none.
  const script = process.env.npm_execpath;
  const options = { cwd: root, stdio, encoding: 'utf8' };
  if (script?.endsWith('.js')) return spawnSync(process.execPath, [script, ...args], options);
  return spawnSync('npm', args, { ...options, shell: process.platform === 'win32' });
}

// The pages bundle the React package and the server's contract, and the lock file decides on the
// libraries: a change in any of them is a change of the pages.
function webSourcesHash() {
  const hash = createHash('sha256');
  const sources = [
    join(root, 'package-lock.json'),
    join(root, 'tsconfig.base.json'),
    join(root, 'packages', 'react', 'src'),
    join(root, 'packages', 'server', 'src', 'contract'),
    webFolder,
  ];
  for (const path of sources.flatMap(filesBelow)) {
    hash.update(`${path.slice(root.length)}\0`).update(sha256(readFileSync(path)));
  }
  return hash.digest('hex');
}

function filesBelow(path) {
  if (!existsSync(path)) return [];
  if (!lstatSync(path).isDirectory()) return [path];
  return readdirSync(path)
    .filter((name) => name !== 'dist' && name !== 'node_modules' && !name.startsWith('.'))
    .sort()
    .flatMap((name) => filesBelow(join(path, name)));
}

function readIfThere(path) {
  return existsSync(path) ? readFileSync(path, 'utf8') : undefined;
}

function sha256(bytes) {
  return createHash('sha256').update(bytes).digest('hex');
}
