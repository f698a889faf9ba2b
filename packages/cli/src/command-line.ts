import { parseArgs } from 'node:util';

/** One command with its options, as the person typed them. */
export type Command =
  | { readonly kind: 'help' }
  | { readonly kind: 'doctor'; readonly json: boolean; readonly app: string | null }
  | { readonly kind: 'tenant-create'; readonly json: boolean; readonly policy: string | null }
  | { readonly kind: 'tenant-destroy'; readonly json: boolean; readonly tenantId: string }
  | { readonly kind: 'outbox-list'; readonly json: boolean; readonly to: string | null }
  | {
      readonly kind: 'evidence-run';
      readonly json: boolean;
      readonly target: string | null;
      /** Names of steps; null for all of them. */
      readonly only: readonly string[] | null;
    }
  | {
      readonly kind: 'conformance';
      readonly json: boolean;
      readonly target: string | null;
      /** Ids of checks; null for all of them. */
      readonly only: readonly string[] | null;
      /** Whether to name the checks and run none. */
      readonly list: boolean;
    };

export type ParsedCommandLine =
  | { readonly ok: true; readonly command: Command }
  | { readonly ok: false; readonly fault: string };

export const USAGE = `Usage: countersign <command> [--json]

  doctor [--app MODULE]           look at the database, and at the routes MODULE describes
  tenant create --disposable [--policy FILE]
                                  make a throwaway tenant that expires in 24 hours
  tenant destroy ID               remove a throwaway tenant; its audit entries stay
  outbox list [--to ADDRESS]      read the mail a local portal would have sent
  evidence run [--target URL] [--only STEP,STEP]
                                  drive the portal in a browser and write an evidence package
  conformance [--target URL] [--only ID,ID] [--list]
                                  attack the portal: every rule that must be tried as an attack

The portal is found by DATABASE_OWNER_URL or DATABASE_URL with BASE_URL, or else by the
connection.json that a running portal keeps in COUNTERSIGN_DATA_DIR (.countersign).
Exit codes: 0 holds, 1 does not hold, 2 could not run.`;

/** Reads the arguments after the program's name; anything unknown is a fault, never ignored. */
export function parseCommandLine(args: readonly string[]): ParsedCommandLine {
  const read = readArguments(args);
  if (!read.ok) return read;
  const { positionals, values } = read;
  if (values.help === true) return accept({ kind: 'help' });
  const [noun = '', verb = '', ...operands] = positionals;
  const name = `${noun} ${verb}`.trim();
  const form = forms.find((it) => it.name === name);
  if (form === undefined) return refuse(name === '' ? 'no command' : `no such command: ${name}`);
  const given = Object.keys(values).filter((option) => option !== 'json');
  const fits =
    operands.length === form.operands &&
    given.every((option) => form.options.some((it) => it === option));
  if (!fits) return refuse(`${name} takes ${form.takes}`);
  return form.read({ ...values, json: values.json === true }, operands[0] ?? '');
}

interface Values {
  readonly json: boolean;
  readonly app?: string;
  readonly disposable?: boolean;
  readonly policy?: string;
  readonly to?: string;
  readonly target?: string;
  readonly only?: string;
  readonly list?: boolean;
}

interface Form {
  readonly name: string;
  readonly takes: string;
  readonly options: readonly (keyof Values)[];
  readonly operands: 0 | 1;
  read(values: Values, operand: string): ParsedCommandLine;
}

const forms: readonly Form[] = [
  {
    name: 'doctor',
    takes: '--app MODULE and --json',
    options: ['app'],
    operands: 0,
    read: ({ json, app = null }) => accept({ kind: 'doctor', json, app }),
  },
  {
    name: 'tenant create',
    takes: '--disposable, --policy FILE and --json',
    options: ['disposable', 'policy'],
    operands: 0,
    read: ({ json, disposable, policy = null }) =>
      disposable === true
        ? accept({ kind: 'tenant-create', json, policy })
        : refuse('tenant create makes only throwaway tenants: add --disposable'),
  },
  {
    name: 'tenant destroy',
    takes: 'one tenant id and --json',
    options: [],
    operands: 1,
    read: ({ json }, tenantId) => accept({ kind: 'tenant-destroy', json, tenantId }),
  },
  {
    name: 'outbox list',
    takes: '--to ADDRESS and --json',
    options: ['to'],
    operands: 0,
    read: ({ json, to = null }) => accept({ kind: 'outbox-list', json, to }),
  },
  {
    name: 'evidence run',
    takes: '--target URL, --only STEP,STEP and --json',
    options: ['target', 'only'],
    operands: 0,
    read: ({ json, target = null, only }) =>
      acceptTarget(target, (origin) => ({
        kind: 'evidence-run',
        json,
        target: origin,
        only: only?.split(',') ?? null,
      })),
  },
  {
    name: 'conformance',
    takes: '--target URL, --only ID,ID, --list and --json',
    options: ['target', 'only', 'list'],
    operands: 0,
    read: ({ json, target = null, only, list = false }) =>
      acceptTarget(target, (origin) => ({
        kind: 'conformance',
        json,
        target: origin,
        only: only?.split(',') ?? null,
        list,
      })),
  },
];

function readArguments(args: readonly string[]) {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        json: { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
        app: { type: 'string' },
        disposable: { type: 'boolean' },
        policy: { type: 'string' },
        to: { type: 'string' },
        target: { type: 'string' },
        only: { type: 'string' },
        list: { type: 'boolean' },
      },
    });
    return { ok: true, values, positionals } as const;
  } catch (error) {
    const [sentence = 'the arguments could not be read'] =
      error instanceof Error ? error.message.split('. ') : [];
    return refuse(sentence);
  }
}

function acceptTarget(
  target: string | null,
  commandFor: (origin: string | null) => Command,
): ParsedCommandLine {
  if (target === null) return accept(commandFor(null));
  const url = URL.parse(target);
  const isOrigin = url !== null && /^https?:$/.test(url.protocol) && url.pathname === '/';
  return isOrigin
    ? accept(commandFor(url.origin))
    : refuse('--target must be an origin, such as https://portal.example');
}

function accept(command: Command): ParsedCommandLine {
  return { ok: true, command };
}

function refuse(fault: string): { readonly ok: false; readonly fault: string } {
  return { ok: false, fault };
}
