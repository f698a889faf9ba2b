import { generateKeyPairSync, randomBytes, randomInt } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { writePrivate } from '../write-private.ts';

const fileSchema = z.object({
  issuer: z.string(),
  port: z.number().int(),
  clientId: z.string(),
  clientSecret: z.string(),
  jwk: z.record(z.string(), z.unknown()),
  accounts: z.array(z.object({ email: z.string(), password: z.string(), pin: z.string() })),
});

export type DemoProviderFile = z.infer<typeof fileSchema>;
export type DemoAccount = DemoProviderFile['accounts'][number];

/** Reads what the demo provider was last time, or makes it: random, in a file of the owner alone. */
export function keepDemoProvider({
  dataDir,
  emails,
}: {
  readonly dataDir: string;
  readonly emails: readonly string[];
}) {
  const file = join(dataDir, 'demo-identity-provider.json');
  const known = existsSync(file) ? parse(readFileSync(file, 'utf8')) : null;
  const content = known ?? invent(emails);
  return {
    file,
    content,
    savePort: (port: number): void => {
      writePrivate(file, { ...content, port, issuer: `http://127.0.0.1:${port}` });
    },
  };
}

function parse(text: string): DemoProviderFile | null {
  try {
    return fileSchema.parse(JSON.parse(text));
  } catch {
    return null;
  }
}

function invent(emails: readonly string[]): DemoProviderFile {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const kid = randomBytes(8).toString('base64url');
  return {
    issuer: '',
    port: 0,
    clientId: 'countersign-portal',
    clientSecret: randomBytes(32).toString('base64url'),
    jwk: { ...privateKey.export({ format: 'jwk' }), alg: 'RS256', use: 'sig', kid },
    accounts: emails.map((email) => ({
      email,
      password: randomBytes(9).toString('base64url'),
      pin: String(randomInt(1_000_000)).padStart(6, '0'),
    })),
  };
}
