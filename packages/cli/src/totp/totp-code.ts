import { spawn } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { parseBase32 } from './base32.ts';

export const STEP_SECONDS = 30;

/** The six digits of a base-32 key at a time step. */
export interface CodeGenerator {
  readonly name: string;
  codeAt(key: string, step: number): Promise<string>;
}

/**
 * Chooses what makes the run's codes: oathtool where it is installed, else the few lines below.
 * Neither shares a line with what judges the codes.
 */
export async function findCodeGenerator(): Promise<CodeGenerator> {
  const probe = await runOathtool(['--version'], '').catch(() => null);
  const version = probe === null ? null : (/\d+\.[\d.]+/.exec(probe)?.[0] ?? 'unknown');
  if (version === null) return { name: 'RFC 6238, by the runner', codeAt: generateCode };
  return {
    name: `oathtool ${version}`,
    codeAt: async (key, step) => {
      const now = `--now=@${step * STEP_SECONDS}`;
      // By its standard input: arguments can be read by everyone on the machine.
      return (await runOathtool(['--totp', '--base32', now, '-'], key)).trim();
    },
  };
}

/**
 * RFC 6238 with SHA-1, 30 s and six digits.
 *
 * @throws {TypeError} when the key is not base 32
 * @see https://www.rfc-editor.org/rfc/rfc6238#section-4
 */
export async function generateCode(key: string, step: number): Promise<string> {
  const bytes = parseBase32(key);
  if (bytes === null) throw new TypeError('the key is not base 32');
  const counter = Buffer.alloc(8);
  counter.writeUInt32BE(Math.floor(step / 2 ** 32), 0);
  counter.writeUInt32BE(step % 2 ** 32, 4);
  const mac = createHmac('sha1', bytes).update(counter).digest();
  const at = mac.readUInt8(19) % 16;
  const number = mac.readUInt32BE(at) % 2 ** 31;
  return String(number % 1_000_000).padStart(6, '0');
}

function runOathtool(args: readonly string[], input: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn('oathtool', args, { stdio: ['pipe', 'pipe', 'ignore'] });
    let output = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
    child.stdin.on('error', () => undefined);
    child.once('error', reject);
    child.once('close', (code) =>
      code === 0 ? resolve(output) : reject(new Error(`oathtool ended with ${code}`)),
    );
    child.stdin.end(`${input}\n`);
  });
}
