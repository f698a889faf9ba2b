import type { FactorPorts } from '../ceremonies/factor.ts';
import type { PasswordHasher, RequestSource } from '../ceremonies/ports.ts';
import type { Database } from '../storage/database.ts';
import type { Identity, SessionCookies } from './identity.ts';

/** What every route stands on. */
export interface ServerContext extends FactorPorts {
  readonly database: Database;
  readonly cookies: SessionCookies;
  readonly passwords: PasswordHasher;
  /** Keys the hashes of addresses nobody has; at least 32 bytes, from the versioned secret. */
  readonly addressKey: Uint8Array;
  /** The origin the browser sees, without a trailing slash. */
  readonly baseUrl: string;
  readonly trustedProxies: readonly string[];
  /** Where development mail can be read, or null. */
  readonly mailPage: string | null;
  /** Called with what broke; never with a code, secret or token. */
  readonly onError: (error: unknown, requestId: string) => void;
}

/** Hono's environment: set by the outermost middleware on every request. */
export interface RouteEnvironment {
  Bindings: { readonly incoming?: { readonly socket: { readonly remoteAddress?: string } } };
  Variables: {
    source: RequestSource;
    identity: Identity;
    cspNonce: string;
  };
}
