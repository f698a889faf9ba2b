import { readdir, readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { formsOf } from '../secrets/secret-forms.ts';
import { createFinder } from './find-texts.ts';
import {
  alternativesOf,
  codePattern,
  handlePattern,
  type Secret,
  type SecretKind,
} from './vault.ts';

/** A place where a secret of the run was found; never the secret. */
export interface ScanFinding {
  /** Relative to the scanned folder. */
  readonly file: string;
  readonly kind: SecretKind;
  readonly form: string;
}

/** Looks for every secret, in every form, in every file below a folder, binary ones included. */
export async function scanFolder(
  folder: string,
  secrets: readonly Secret[],
): Promise<ScanFinding[]> {
  const scan = createScan(secrets);
  const findings: ScanFinding[] = [];
  for (const file of await listFiles(folder)) {
    const bytes = await readFile(join(folder, file));
    findings.push(...scan(bytes).map((finding) => ({ file, ...finding })));
  }
  return findings;
}

/** Paths below a folder, relative to it, in the order of their names. */
export async function listFiles(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).replaceAll('\\', '/'))
    .sort();
}

type Finding = Omit<ScanFinding, 'file'>;

interface Needle extends Finding {
  readonly exact: string;
  /** Without separators, so that "AB CD" and "ab-cd" are found as well. */
  readonly joined: string;
}

/** Prepares a scan of one file's bytes; each secret is reported once for each form. */
export function createScan(secrets: readonly Secret[]): (bytes: Uint8Array) => Finding[] {
  const whole = secrets.filter(({ kind }) => kind === 'code' || kind === 'user handle');
  const needles = secrets.filter((secret) => !whole.includes(secret)).flatMap(needlesOf);
  const findExact = createFinder(needles.map((needle) => needle.exact));
  const findJoined = createFinder(needles.map((needle) => needle.joined));
  return (bytes) => {
    const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const exact = buffer.toString('latin1').toLowerCase();
    // Marks inside a word, such as <wbr>, would hide it otherwise.
    const joined = [exact, exact.replace(/<[^<>]{1,200}>/g, '')].map(withoutSeparators);
    const written = findExact(exact);
    const spaced = joined.map(findJoined);
    const found = [
      ...needles.flatMap(({ kind, form }, index) => {
        if (written.has(index)) return [{ kind, form }];
        const isSpaced = spaced.some((it) => it.has(index));
        return isSpaced ? [{ kind, form: `${form}, spaced` }] : [];
      }),
      // Six digits occur in compressed bytes by chance: only text can hold a code.
      ...(buffer.includes(0) ? [] : findWhole(whole, exact)),
    ];
    const named = found.map((finding) => [`${finding.kind} ${finding.form}`, finding] as const);
    return [...new Map(named).values()];
  };
}

/** Codes and handles count only where they stand by themselves. */
function findWhole(secrets: readonly Secret[], text: string): Finding[] {
  const present = secrets.filter(({ kind, value }) =>
    kind === 'code' ? codePattern(value).test(text) : handlePattern(value.toLowerCase()).test(text),
  );
  return present.map(({ kind }) => ({ kind, form: 'raw' }));
}

function needlesOf(secret: Secret): Needle[] {
  return alternativesOf(secret).flatMap((bytes) =>
    formsOf(bytes).map(({ form, text }) => {
      const exact = text.toLowerCase();
      return { kind: secret.kind, form, exact, joined: withoutSeparators(exact) };
    }),
  );
}

function withoutSeparators(text: string): string {
  return text.replace(/%20|&nbsp;|[\s\-+_]/g, '');
}
