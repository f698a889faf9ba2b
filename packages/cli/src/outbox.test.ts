import { mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readOutbox } from './outbox.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'countersign-outbox-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** A mail of that second, whose file was written so many milliseconds into it. */
function write(id: string, date: string, writtenMs: number): void {
  const path = join(folder, `${id}.eml`);
  writeFileSync(path, `To: a@b.example\nSubject: ${id}\nDate: ${date}\n\n${btoa('Text')}`);
  const written = new Date(Date.parse(date) + writtenMs);
  utimesSync(path, written, written);
}

test('lists the newest mail first, those of one second too', async () => {
  write('d', 'Fri, 27 Nov 2026 10:00:01 +0000', 0);
  write('b', 'Fri, 27 Nov 2026 10:00:00 +0000', 100);
  write('c', 'Fri, 27 Nov 2026 10:00:00 +0000', 200);
  write('a', 'Fri, 27 Nov 2026 10:00:00 +0000', 300);
  const ids = (await readOutbox(folder)).map(({ id }) => id);
  expect(ids).toEqual(['d', 'a', 'c', 'b']);
});

test('lists nothing where there is no folder', async () => {
  expect(await readOutbox(join(folder, 'none'))).toEqual([]);
});
