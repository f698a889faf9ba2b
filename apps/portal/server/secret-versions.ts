import { randomBytes } from 'node:crypto';
import { chmodSync, existsSync, linkSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** One secret of `COUNTERSIGN_SECRET`; the version says which secret sealed an older value. */
export type SecretVersion = { readonly version: number; readonly value: string };

/** Current secret first, then those still accepted for reading. */
export type SecretVersions = readonly [SecretVersion, ...SecretVersion[]];

export type ParsedSecretVersions =
  | { readonly ok: true; readonly secrets: SecretVersions }
  | { readonly ok: false; readonly faults: readonly string[] };

const MINIMUM_LENGTH = 32;

/** Reads `v2:…,v1:…`, current secret first. The faults name versions and never a secret. */
export function parseSecretVersions(text: string): ParsedSecretVersions {
  const faults: string[] = [];
  const secrets: SecretVersion[] = [];
  // A secret may itself hold a comma: only one that opens a new version separates.
  for (const [index, entry] of text.split(/,\s*(?=v\d+:)/).entries()) {
    const match = /^v([1-9]\d{0,8}):(.*)$/s.exec(entry.trim());
    const [version, value = ''] = [Number(match?.[1]), match?.[2]];
    if (match === null) faults.push(`entry ${index + 1} must look like v1:<secret>`);
    else if (secrets.some((secret) => secret.version === version)) {
      faults.push(`version ${version} appears twice`);
    } else if (value.length < MINIMUM_LENGTH) {
      faults.push(`the secret of version ${version} is under ${MINIMUM_LENGTH} characters`);
    } else secrets.push({ version, value });
  }
  const [current, ...older] = secrets;
  if (current === undefined || faults.length > 0) return { ok: false, faults };
  return { ok: true, secrets: [current, ...older] };
}

/**
 * Reads the secret kept in the data folder, creating it (32 random bytes, mode 0600) on first use.
 *
 * Safe when two processes start at once: both end up with the same secret.
 */
export function loadGeneratedSecret(dataDir: string): ParsedSecretVersions {
  const path = join(dataDir, 'secret');
  if (!existsSync(path)) createSecretFile(path);
  chmodSync(path, 0o600);
  const parsed = parseSecretVersions(readFileSync(path, 'utf8').trim());
  if (parsed.ok) return parsed;
  // A fresh secret here would make every sealed value in the database unreadable.
  return { ok: false, faults: [`${path} is damaged: restore it, it is not made anew`] };
}

function createSecretFile(path: string): void {
  const draft = `${path}.${randomBytes(6).toString('hex')}`;
  try {
    writeFileSync(draft, `v1:${randomBytes(32).toString('base64url')}\n`, { mode: 0o600 });
    // A link either appears whole or fails because another process was first.
    linkSync(draft, path);
  } catch (error) {
    if (!existsSync(path)) throw error;
  } finally {
    rmSync(draft, { force: true });
  }
}
