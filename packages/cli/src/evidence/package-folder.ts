import { createHash } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { CannotRunError } from '../cannot-run-error.ts';
import { listFiles } from './scan-secrets.ts';

/** The folder of one run. */
export interface PackageFolder {
  /** Absolute. */
  readonly path: string;
  /** Writes indented JSON; resolves to the relative name. */
  writeJson(name: string, value: unknown): Promise<string>;
  writeText(name: string, text: string): Promise<string>;
}

export interface ManifestFile {
  readonly path: string;
  /** In bytes. */
  readonly size: number;
  /** Lower-case hex. */
  readonly sha256: string;
}

/** @throws {CannotRunError} `folder_unwritable` */
export async function createPackageFolder(path: string): Promise<PackageFolder> {
  try {
    await mkdir(path, { recursive: true });
  } catch (cause) {
    throw new CannotRunError('folder_unwritable', `cannot write to ${path}`, { cause });
  }
  const writeText = async (name: string, text: string): Promise<string> => {
    const file = join(path, name);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, text);
    return name;
  };
  return {
    path,
    writeText,
    writeJson: (name, value) => writeText(name, `${JSON.stringify(value, null, 2)}\n`),
  };
}

/** Size and SHA-256 of every file of a folder but its manifest, in the order of their names. */
export async function listManifestFiles(folder: string): Promise<readonly ManifestFile[]> {
  const names = (await listFiles(folder)).filter((name) => name !== 'manifest.json');
  return Promise.all(
    names.map(async (path) => {
      const bytes = await readFile(join(folder, path));
      const sha256 = createHash('sha256').update(bytes).digest('hex');
      return { path, size: bytes.length, sha256 };
    }),
  );
}
