import { chmodSync, renameSync, writeFileSync } from 'node:fs';

/** Writes JSON for the owner of the folder alone, whole or not at all: it holds passwords. */
export function writePrivate(file: string, value: object): void {
  const part = `${file}.part`;
  writeFileSync(part, `${JSON.stringify(value, null, 2)}\n`, { mode: 0o600 });
  chmodSync(part, 0o600);
  renameSync(part, file);
}
