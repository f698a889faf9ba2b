import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { dirname, join, resolve } from 'node:path';
import { type PlatformRequirement, platformRequirementSchema } from '@countersign/server/contract';
import { z } from 'zod';
import {
  loadGeneratedSecret,
  parseSecretVersions,
  type SecretVersions,
} from './secret-versions.ts';

/** Every setting of the portal, checked once at start. */
export type Environment = {
  readonly database: { readonly kind: 'embedded' } | ExternalDatabase;
  readonly secrets: SecretVersions;
  /** Absolute path of a folder this process can write to. */
  readonly dataDir: string;
  /** An origin, without a trailing slash. */
  readonly baseUrl: string;
  /** True when the base URL names this very machine. */
  readonly loopback: boolean;
  readonly host: string;
  readonly port: number;
  /** Addresses and CIDR ranges whose `X-Forwarded-For` is believed. */
  readonly trustedProxies: readonly string[];
  readonly smtpUrl: string | undefined;
  /** What the administrators of a platform tenant must sign in with. */
  readonly platformAdministrators: PlatformRequirement;
  readonly identityProvider: IdentityProviderSettings | undefined;
};

export interface IdentityProviderSettings {
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string;
}

export type ExternalDatabase = {
  readonly kind: 'external';
  readonly applicationUrl: string;
  readonly ownerUrl: string;
  /** False when one role both migrates and serves: the log's rows are then not role-protected. */
  readonly separateOwner: boolean;
};

export type ParsedEnvironment =
  | { readonly ok: true; readonly environment: Environment }
  | { readonly ok: false; readonly faults: readonly string[] };

/**
 * Checks all settings and reports every fault at once, one line each, never repeating a value.
 *
 * Creates the data folder, and in embedded mode a secret inside it (mode 0600): a folder that
 * cannot be written to must stop the start, not the first sign-in.
 */
export function parseEnvironment(
  variables: Readonly<Record<string, string | undefined>>,
): ParsedEnvironment {
  const parsed = variablesSchema.safeParse(variables);
  const dataDir = resolve(variables['COUNTERSIGN_DATA_DIR'] || '.countersign');
  const faults = [
    ...(parsed.success ? [] : parsed.error.issues.map(describeIssue)),
    ...combinationFaults(variables),
    ...dataDirFaults(dataDir),
  ];
  if (!parsed.success || faults.length > 0) return { ok: false, faults };

  const values = parsed.data;
  const secrets = values.COUNTERSIGN_SECRET ?? loadGeneratedSecret(dataDir);
  if (!secrets.ok) return secrets;
  const port = values.PORT ?? 3000;
  const baseUrl = values.BASE_URL ?? `http://localhost:${port}`;
  const environment: Environment = {
    database: databaseOf(values.DATABASE_URL, values.DATABASE_OWNER_URL),
    secrets: secrets.secrets,
    dataDir,
    baseUrl,
    loopback: isLoopback(new URL(baseUrl).hostname),
    host: values.HOST ?? '127.0.0.1',
    port,
    trustedProxies: values.COUNTERSIGN_TRUSTED_PROXIES ?? [],
    smtpUrl: values.SMTP_URL,
    platformAdministrators:
      values.COUNTERSIGN_PLATFORM_ADMINISTRATORS ?? 'required-phishing-resistant',
    identityProvider: identityProviderOf(values),
  };
  return { ok: true, environment };
}

const POSTGRES_URL = z
  .string()
  .refine((text) => hasProtocol(text, ['postgres:', 'postgresql:']), 'must be a postgres:// URL');

const variablesSchema = z.object({
  DATABASE_URL: unlessEmpty(POSTGRES_URL),
  DATABASE_OWNER_URL: unlessEmpty(POSTGRES_URL),
  COUNTERSIGN_SECRET: unlessEmpty(
    z.string().transform((text, context) => {
      const parsed = parseSecretVersions(text);
      if (!parsed.ok) for (const fault of parsed.faults) context.addIssue(fault);
      return parsed;
    }),
  ),
  BASE_URL: unlessEmpty(
    z.string().transform((text, context) => {
      const url = URL.parse(text);
      const fault = baseUrlFault(url);
      if (fault !== undefined) context.addIssue(fault);
      return url?.origin ?? z.NEVER;
    }),
  ),
  HOST: unlessEmpty(z.string().regex(/^[\w.:-]+$/, 'must be an address or a host name')),
  PORT: unlessEmpty(
    z
      .string()
      .regex(/^\d{1,5}$/, 'must be a number from 1 to 65535')
      .transform(Number)
      .refine((port) => port >= 1 && port <= 65_535, 'must be a number from 1 to 65535'),
  ),
  COUNTERSIGN_TRUSTED_PROXIES: unlessEmpty(
    z
      .string()
      .transform((text) => text.split(',').map((entry) => entry.trim()))
      .refine((entries) => entries.every(isAddressOrRange), {
        error: 'must be addresses or CIDR ranges separated by commas',
      }),
  ),
  COUNTERSIGN_PLATFORM_ADMINISTRATORS: unlessEmpty(
    z.enum(platformRequirementSchema.options, {
      error: `must be ${platformRequirementSchema.options.join(' or ')}`,
    }),
  ),
  SMTP_URL: unlessEmpty(
    z
      .string()
      .refine(
        (text) => hasProtocol(text, ['smtp:', 'smtps:']) && URL.parse(text)?.hostname !== '',
        'must be an smtp:// or smtps:// URL with a host',
      ),
  ),
  OIDC_ISSUER: unlessEmpty(
    z.string().transform((text, context) => {
      const fault = issuerFault(URL.parse(text));
      if (fault !== undefined) context.addIssue(fault);
      return text;
    }),
  ),
  OIDC_CLIENT_ID: unlessEmpty(z.string().max(1000)),
  OIDC_CLIENT_SECRET: unlessEmpty(z.string().max(1000)),
});

const OIDC = ['OIDC_ISSUER', 'OIDC_CLIENT_ID', 'OIDC_CLIENT_SECRET'] as const;

// Shells and compose files cannot unset a variable, only empty it.
function unlessEmpty<T extends z.ZodType>(schema: T) {
  return z.preprocess((value) => (value === '' ? undefined : value), schema.optional());
}

function describeIssue(issue: z.core.$ZodIssue): string {
  return `${issue.path.join('.')}: ${issue.message}`;
}

function combinationFaults(variables: Readonly<Record<string, string | undefined>>): string[] {
  const missing = OIDC.filter((name) => !variables[name]);
  const oidc =
    missing.length === 0 || missing.length === OIDC.length
      ? []
      : missing.map((name) => `${name}: is required with the other OIDC_ settings`);
  return [...oidc, ...databaseFaults(variables)];
}

function databaseFaults(variables: Readonly<Record<string, string | undefined>>): string[] {
  if (variables['DATABASE_URL']) {
    if (variables['COUNTERSIGN_SECRET']) return [];
    return ['COUNTERSIGN_SECRET: is required with DATABASE_URL, as v1:<32 or more characters>'];
  }
  if (!variables['DATABASE_OWNER_URL']) return [];
  return ['DATABASE_URL: is required when DATABASE_OWNER_URL is set'];
}

/** One folder at a time: Node's recursive mkdir never returns below /proc. */
function makeFolder(path: string): void {
  if (existsSync(path)) return;
  makeFolder(dirname(path));
  mkdirSync(path, { mode: 0o700 });
}

function dataDirFaults(dataDir: string): string[] {
  const probe = join(dataDir, `.probe-${process.pid}`);
  try {
    makeFolder(dataDir);
    // Permission bits say little for root or a read-only mount: only a write proves it.
    writeFileSync(probe, '');
    rmSync(probe);
    return [];
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? ` (${String(error.code)})` : '';
    return [`COUNTERSIGN_DATA_DIR: cannot write to ${dataDir}${code}`];
  }
}

function databaseOf(
  applicationUrl: string | undefined,
  ownerUrl: string | undefined,
): Environment['database'] {
  if (applicationUrl === undefined) return { kind: 'embedded' };
  return {
    kind: 'external',
    applicationUrl,
    ownerUrl: ownerUrl ?? applicationUrl,
    separateOwner: ownerUrl !== undefined && ownerUrl !== applicationUrl,
  };
}

function identityProviderOf(values: {
  readonly OIDC_ISSUER?: string | undefined;
  readonly OIDC_CLIENT_ID?: string | undefined;
  readonly OIDC_CLIENT_SECRET?: string | undefined;
}): IdentityProviderSettings | undefined {
  const {
    OIDC_ISSUER: issuer,
    OIDC_CLIENT_ID: clientId,
    OIDC_CLIENT_SECRET: clientSecret,
  } = values;
  if (issuer === undefined || clientId === undefined || clientSecret === undefined) {
    return undefined;
  }
  return { issuer, clientId, clientSecret };
}

function issuerFault(url: URL | null): string | undefined {
  if (url === null || url.search || url.hash || url.username) return 'must be an issuer URL';
  if (url.protocol === 'https:') return undefined;
  return url.protocol === 'http:' && isLoopback(url.hostname)
    ? undefined
    : 'must be https, plain http is for localhost alone';
}

function hasProtocol(text: string, protocols: readonly string[]): boolean {
  return protocols.includes(URL.parse(text)?.protocol ?? '');
}

function baseUrlFault(url: URL | null): string | undefined {
  if (url === null || !['http:', 'https:'].includes(url.protocol)) {
    return 'must be an http:// or https:// URL';
  }
  if (url.pathname !== '/' || url.search || url.hash || url.username || url.password) {
    return 'must be an origin only, such as https://portal.example';
  }
  if (url.protocol === 'http:' && !isLoopback(url.hostname)) {
    return 'must be https, plain http is for localhost alone';
  }
  return undefined;
}

function isLoopback(hostname: string): boolean {
  if (hostname === 'localhost' || hostname.endsWith('.localhost')) return true;
  return hostname === '[::1]' || (isIP(hostname) === 4 && hostname.startsWith('127.'));
}

function isAddressOrRange(entry: string): boolean {
  const [address = '', prefix, ...rest] = entry.split('/');
  const family = isIP(address);
  if (family === 0 || rest.length > 0) return false;
  if (prefix === undefined) return true;
  return /^\d{1,3}$/.test(prefix) && Number(prefix) <= (family === 4 ? 32 : 128);
}
