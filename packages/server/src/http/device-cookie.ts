import { KNOWN_DEVICE_SECONDS } from '../ceremonies/known-device.ts';
import type { DeviceCookie } from '../ceremonies/ports.ts';
import { bearerHash } from '../ceremonies/sign-in.ts';
import type { Database } from '../storage/database.ts';
import type { ServerContext } from './environment.ts';

/** Accounts one browser is remembered for: the latest, in one cookie. */
const TOKENS_PER_BROWSER = 5;
const TOKEN_BYTES = 32;
const TOKENS = /^[\w-]{43}(?:\.[\w-]{43}){0,4}$/;

/** The known-device cookie of a request, and what its answer sets. */
export interface BrowserDevices extends DeviceCookie {
  /**
   * Adds `Set-Cookie` where a token was made. Only tokens whose device stands in the database are sent:
   * what was rolled back or ended meanwhile is not.
   */
  addTo(answer: Headers): Promise<void>;
}

/** Reads the known-device cookie of a request. One that is not exactly as we make it holds nothing. */
export function browserDevices(
  cookieHeader: string | null,
  { baseUrl, random, database, onError }: ServerContext,
  requestId: string,
): BrowserDevices {
  const isHttps = baseUrl.startsWith('https:');
  const name = isHttps ? '__Host-countersign.device' : 'countersign.device';
  const sent = readTokens(cookieHeader ?? '', name);
  const made: string[] = [];
  return {
    hashes: () => [...made, ...sent].map(bearerHash),
    renew: () => {
      const token = Buffer.from(random.bytes(TOKEN_BYTES)).toString('base64url');
      made.unshift(token);
      return bearerHash(token);
    },
    addTo: async (answer) => {
      if (made.length === 0) return;
      try {
        const standing = await keepStanding(database, [...made, ...sent]);
        if (!standing.some((token) => made.includes(token))) return;
        const value = standing.slice(0, TOKENS_PER_BROWSER).join('.');
        const secure = isHttps ? '; Secure' : '';
        answer.append(
          'set-cookie',
          `${name}=${value}; Max-Age=${KNOWN_DEVICE_SECONDS}; Path=/; HttpOnly${secure}; SameSite=Lax`,
        );
      } catch (error) {
        // What was asked for is done: a browser that stays unknown must not turn it into a failure.
        onError(error, requestId);
      }
    },
  };
}

/** Nothing where the name occurs twice: no reader of the header may see another browser than we do. */
function readTokens(header: string, name: string): readonly string[] {
  const values = header
    .split(';')
    .map((pair) => pair.trim())
    .filter((pair) => pair.startsWith(`${name}=`))
    .map((pair) => pair.slice(name.length + 1));
  const [value] = values;
  return values.length === 1 && value !== undefined && TOKENS.test(value) ? value.split('.') : [];
}

const STANDING = {
  name: 'countersign-standing-devices',
  text: 'select token_hash from countersign.known_device where token_hash = any($1::bytea[])',
} as const;

async function keepStanding(
  { pool }: Pick<Database, 'pool'>,
  tokens: readonly string[],
): Promise<readonly string[]> {
  const hashes = tokens.map((token) => Buffer.from(bearerHash(token)));
  const values = [hashes];
  const { rows } = await pool.query<{ token_hash: Buffer }>({ ...STANDING, values });
  return tokens.filter((_, index) =>
    rows.some(({ token_hash: hash }) => hashes[index]?.equals(hash)),
  );
}
