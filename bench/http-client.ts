import { Agent, request } from 'node:http';

export interface Sent {
  readonly method: 'GET' | 'POST' | 'DELETE';
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly json?: unknown;
}

export interface Answer {
  readonly status: number;
  /** The first part of each `Set-Cookie` that sets one: `name=value`. */
  readonly cookies: readonly string[];
  readonly text: string;
}

export interface HttpClient {
  send(sent: Sent): Promise<Answer>;
  close(): void;
}

const TIMEOUT_MS = 30_000;

/** A keep-alive client of one process on this machine, with a fixed number of connections at most. */
export function httpClient(port: number, connections: number): HttpClient {
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  const origin = `http://localhost:${port}`;
  return {
    send: ({ method, path, headers, json }) =>
      new Promise((resolve, reject) => {
        const body = json === undefined ? '' : JSON.stringify(json);
        const typed =
          body === ''
            ? {}
            : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
        const call = request({
          agent,
          host: '127.0.0.1',
          port,
          method,
          path,
          timeout: TIMEOUT_MS,
          headers: { host: `localhost:${port}`, origin, ...typed, ...headers },
        });
        call.once('error', reject);
        call.once('timeout', () => call.destroy(new Error(`no answer from ${path}`)));
        call.once('response', (response) => {
          let text = '';
          response.setEncoding('utf8');
          response.on('data', (chunk: string) => {
            text += chunk;
          });
          response.once('error', reject);
          response.once('end', () => {
            const given = response.headers['set-cookie'] ?? [];
            const cookies = given.filter((it) => !/; *max-age=0\b/i.test(it)).map(nameAndValue);
            resolve({ status: response.statusCode ?? 0, cookies, text });
          });
        });
        call.end(body);
      }),
    close: () => agent.destroy(),
  };
}

function nameAndValue(cookie: string): string {
  return cookie.split(';', 1)[0] ?? '';
}

/** Passes an expected answer on. @throws {Error} naming any other. */
export function expectStatus(answer: Answer, status: number): Answer {
  if (answer.status === status) return answer;
  throw new Error(`expected ${status}, was answered ${answer.status}: ${answer.text}`);
}
