import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Environment, parseEnvironment } from './environment.ts';

const SECRET = 'correct-horse-battery-staple-0123456789';
let dataDir: string;

beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'countersign-environment-'));
});
afterEach(() => rmSync(dataDir, { recursive: true }));

const parse = (variables: Record<string, string>) =>
  parseEnvironment({ COUNTERSIGN_DATA_DIR: dataDir, ...variables });

function environmentOf(variables: Record<string, string>): Environment {
  const parsed = parse(variables);
  if (!parsed.ok) throw new Error(parsed.faults.join('\n'));
  return parsed.environment;
}

const external = {
  DATABASE_URL: 'postgres://app:app-password@db.example/countersign',
  DATABASE_OWNER_URL: 'postgres://owner:owner-password@db.example/countersign',
  COUNTERSIGN_SECRET: `v2:${SECRET},v1:${SECRET}-older`,
  BASE_URL: 'https://portal.example/',
  HOST: '0.0.0.0',
  PORT: '8080',
  COUNTERSIGN_TRUSTED_PROXIES: '10.0.0.0/8, 2001:db8::1',
  SMTP_URL: 'smtp://mailer:mail-password@mail.example:587',
  COUNTERSIGN_PLATFORM_ADMINISTRATORS: 'required',
  OIDC_ISSUER: 'https://id.example/realm',
  OIDC_CLIENT_ID: 'portal',
  OIDC_CLIENT_SECRET: 'client-secret',
};

describe('parseEnvironment', () => {
  it('needs no variable at all for a portal on this machine', () => {
    expect(environmentOf({})).toMatchObject({
      database: { kind: 'embedded' },
      baseUrl: 'http://localhost:3000',
      loopback: true,
      host: '127.0.0.1',
      port: 3000,
      trustedProxies: [],
      smtpUrl: undefined,
      platformAdministrators: 'required-phishing-resistant',
    });
  });

  it('reads every variable', () => {
    expect(environmentOf(external)).toStrictEqual({
      database: {
        kind: 'external',
        applicationUrl: external.DATABASE_URL,
        ownerUrl: external.DATABASE_OWNER_URL,
        separateOwner: true,
      },
      secrets: [
        { version: 2, value: SECRET },
        { version: 1, value: `${SECRET}-older` },
      ],
      dataDir,
      baseUrl: 'https://portal.example',
      loopback: false,
      host: '0.0.0.0',
      port: 8080,
      trustedProxies: ['10.0.0.0/8', '2001:db8::1'],
      smtpUrl: external.SMTP_URL,
      platformAdministrators: 'required',
      identityProvider: {
        issuer: external.OIDC_ISSUER,
        clientId: external.OIDC_CLIENT_ID,
        clientSecret: external.OIDC_CLIENT_SECRET,
      },
    });
  });

  it('treats an empty variable as an absent one', () => {
    expect(environmentOf({ DATABASE_URL: '', PORT: '', SMTP_URL: '' }).port).toBe(3000);
  });

  it('takes the application role for migrations when no owner is named', () => {
    expect(environmentOf({ ...external, DATABASE_OWNER_URL: '' }).database).toMatchObject({
      ownerUrl: external.DATABASE_URL,
      separateOwner: false,
    });
  });

  it('keeps the generated secret from one start to the next, readable by its owner alone', () => {
    const first = environmentOf({});
    chmodSync(join(dataDir, 'secret'), 0o644);
    expect(environmentOf({}).secrets).toStrictEqual(first.secrets);
    expect(statSync(join(dataDir, 'secret')).mode & 0o777).toBe(0o600);
  });

  it('refuses a damaged generated secret and leaves the file as it is', () => {
    writeFileSync(join(dataDir, 'secret'), 'v1:short');
    expect(parse({})).toStrictEqual({
      ok: false,
      faults: [`${dataDir}/secret is damaged: restore it, it is not made anew`],
    });
    expect(readFileSync(join(dataDir, 'secret'), 'utf8')).toBe('v1:short');
  });

  it.each([
    ['DATABASE_URL', 'mysql://app:app-password@db.example/x', 'must be a postgres:// URL'],
    ['DATABASE_OWNER_URL', 'db.example', 'must be a postgres:// URL'],
    ['DATABASE_URL', '', 'is required when DATABASE_OWNER_URL is set'],
    ['COUNTERSIGN_SECRET', '', 'is required with DATABASE_URL, as v1:<32 or more characters>'],
    ['COUNTERSIGN_SECRET', SECRET, 'entry 1 must look like v1:<secret>'],
    ['COUNTERSIGN_SECRET', `v0:${SECRET}`, 'entry 1 must look like v1:<secret>'],
    ['COUNTERSIGN_SECRET', `v1:${SECRET},v1:${SECRET}`, 'version 1 appears twice'],
    ['COUNTERSIGN_SECRET', 'v3:short', 'the secret of version 3 is under 32 characters'],
    ['BASE_URL', 'portal.example', 'must be an http:// or https:// URL'],
    ['BASE_URL', 'ftp://portal.example', 'must be an http:// or https:// URL'],
    [
      'BASE_URL',
      'https://portal.example/app',
      'must be an origin only, such as https://portal.example',
    ],
    ['BASE_URL', 'http://portal.example', 'must be https, plain http is for localhost alone'],
    ['BASE_URL', 'http://127.portal.example', 'must be https, plain http is for localhost alone'],
    ['HOST', 'not a host', 'must be an address or a host name'],
    ['PORT', '0', 'must be a number from 1 to 65535'],
    ['PORT', '65536', 'must be a number from 1 to 65535'],
    ['PORT', '3e3', 'must be a number from 1 to 65535'],
    [
      'COUNTERSIGN_TRUSTED_PROXIES',
      '10.0.0.0/33',
      'must be addresses or CIDR ranges separated by commas',
    ],
    [
      'COUNTERSIGN_TRUSTED_PROXIES',
      'proxy.example',
      'must be addresses or CIDR ranges separated by commas',
    ],
    ['OIDC_ISSUER', 'http://id.example', 'must be https, plain http is for localhost alone'],
    ['OIDC_CLIENT_ID', '', 'is required with the other OIDC_ settings'],
    ['OIDC_ISSUER', 'id.example', 'must be an issuer URL'],
    [
      'COUNTERSIGN_PLATFORM_ADMINISTRATORS',
      'optional',
      'must be required or required-phishing-resistant',
    ],
    [
      'COUNTERSIGN_PLATFORM_ADMINISTRATORS',
      'Required',
      'must be required or required-phishing-resistant',
    ],
    ['SMTP_URL', 'mail.example:587', 'must be an smtp:// or smtps:// URL with a host'],
  ])('refuses %s=%j', (name, value, message) => {
    const parsed = parse({ ...external, [name]: value });
    expect(parsed).toStrictEqual({ ok: false, faults: [`${name}: ${message}`] });
  });

  it('names every fault at once and repeats no password or secret', () => {
    const parsed = parse({
      DATABASE_URL: 'mysql://app:app-password@db.example/x',
      COUNTERSIGN_SECRET: 'v1:app-password',
      PORT: 'app-password',
      SMTP_URL: 'http://mailer:app-password@mail.example',
    });
    if (parsed.ok) throw new Error('accepted');
    expect(parsed.faults).toHaveLength(4);
    expect(parsed.faults.join('\n')).not.toContain('app-password');
  });

  it('refuses a data folder it cannot write to', () => {
    const file = join(dataDir, 'file');
    writeFileSync(file, '');
    expect(parse({ COUNTERSIGN_DATA_DIR: join(file, 'below') })).toStrictEqual({
      ok: false,
      faults: [`COUNTERSIGN_DATA_DIR: cannot write to ${file}/below (ENOTDIR)`],
    });
  });

  it.each(['http://localhost:3000', 'http://127.0.0.1:3000', 'http://[::1]:3000'])(
    'allows plain http at %s',
    (BASE_URL) => {
      expect(environmentOf({ BASE_URL })).toMatchObject({ baseUrl: BASE_URL, loopback: true });
    },
  );
});
