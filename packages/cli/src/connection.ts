import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { Client } from 'pg';
import { z } from 'zod';
import { CannotRunError } from './cannot-run-error.ts';

export type Variables = Readonly<Record<string, string | undefined>>;

/** How to reach a portal and its database as the owner. */
export interface Connection {
  readonly ownerUrl: string;
  /** An origin, without a trailing slash. */
  readonly baseUrl: string;
}

/** The folder in which a local portal keeps its files; need not exist. */
export function dataFolder(variables: Variables): string {
  return resolve(variables['COUNTERSIGN_DATA_DIR'] || '.countersign');
}

/**
 * Finds the portal: by the environment, else by what a running portal wrote to its data folder.
 *
 * @throws {CannotRunError} `connection_missing`, `connection_damaged`
 */
export async function findConnection(variables: Variables): Promise<Connection> {
  const ownerUrl = variables['DATABASE_OWNER_URL'] || variables['DATABASE_URL'];
  if (ownerUrl) {
    const baseUrl = variables['BASE_URL'] || `http://localhost:${variables['PORT'] || 3000}`;
    return { ownerUrl, baseUrl: baseUrl.replace(/\/$/, '') };
  }
  return readConnection(dataFolder(variables));
}

/**
 * Reads the `connection.json` of a data folder.
 *
 * @throws {CannotRunError} `connection_missing`, `connection_damaged`
 */
export async function readConnection(folder: string): Promise<Connection> {
  const file = join(folder, 'connection.json');
  const text = await readFile(file, 'utf8').catch(() => null);
  if (text === null) {
    throw new CannotRunError(
      'connection_missing',
      `no portal found: start one (npm start) or set DATABASE_OWNER_URL and BASE_URL (looked for ${file})`,
    );
  }
  const parsed = connectionSchema.safeParse(parseJson(text));
  if (parsed.success) return parsed.data;
  throw new CannotRunError('connection_damaged', `${file} is damaged: restart the portal`);
}

/**
 * Runs `work` with a connection of the owner, and closes it whatever happens.
 *
 * @throws {CannotRunError} `database_unreachable`
 */
export async function withOwner<T>(
  { ownerUrl }: Pick<Connection, 'ownerUrl'>,
  work: (client: Client) => Promise<T>,
): Promise<T> {
  const client = await connectOwner(ownerUrl);
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

/** @throws {CannotRunError} `database_unreachable` */
export async function connectOwner(ownerUrl: string): Promise<Client> {
  const client = new Client({ connectionString: ownerUrl, connectionTimeoutMillis: 5000 });
  client.on('error', () => undefined);
  try {
    await client.connect();
    return client;
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? ` (${String(cause.code)})` : '';
    const message = `the database does not answer${code}: is the portal running?`;
    throw new CannotRunError('database_unreachable', message, { cause });
  }
}

const connectionSchema = z.object({ ownerUrl: z.string().min(1), baseUrl: z.string().min(1) });

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
