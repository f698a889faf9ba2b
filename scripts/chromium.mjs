import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync, readdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fail } from './setup.mjs';

/** The path of a Chromium; installs it where that is possible, else ends with one line. */
export function ensureChromium() {
  const named = process.env.CHROME_PATH;
  if (named) return isExecutable(named) ? named : fail(`CHROME_PATH: no program at ${named}`, 2);
  const found = findChromium();
  if (found) return found;
  installWithApt('chromium');
  return (
    findChromium() ??
    fail('Chromium is missing: install it (apt-get install chromium) or set CHROME_PATH', 2)
  );
}

/** Makes sure a program is on the PATH; installs it where that is possible, else ends. */
export function ensureProgram(name, aptPackage) {
  if (findProgram(name)) return;
  installWithApt(aptPackage);
  if (!findProgram(name)) {
    fail(`${name} is missing: install it (apt-get install ${aptPackage})`, 2);
  }
}

function findChromium() {
  const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
  return names.map(findProgram).find(Boolean) ?? findInPlaywrightCache();
}

function findProgram(name) {
  const folders = (process.env.PATH ?? '').split(delimiter);
  return folders.map((folder) => join(folder, name)).find(isExecutable);
}

function findInPlaywrightCache() {
  const cache = [
    process.env.PLAYWRIGHT_BROWSERS_PATH,
    join(homedir(), '.cache', 'ms-playwright'),
    join(homedir(), 'Library', 'Caches', 'ms-playwright'),
  ].find((folder) => folder && existsSync(folder));
  if (!cache) return undefined;
  const inside = [
    'chrome-linux/chrome',
    'chrome-linux64/chrome',
    'chrome-mac/Chromium.app/Contents/MacOS/Chromium',
  ];
  return readdirSync(cache)
    .filter((name) => /^chromium-\d+$/.test(name))
    .sort((one, other) => Number(other.slice(9)) - Number(one.slice(9)))
    .flatMap((name) => inside.map((path) => join(cache, name, path)))
    .find(isExecutable);
}

function installWithApt(aptPackage) {
  if (process.getuid?.() !== 0 || !findProgram('apt-get')) return;
  process.stdout.write(`installing ${aptPackage} (apt-get)\n`);
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  for (const args of [['update'], ['install', '-y', '--no-install-recommends', aptPackage]]) {
    spawnSync('apt-get', ['-qq', ...args], { env, stdio: ['ignore', 'ignore', 'inherit'] });
  }
}

function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
