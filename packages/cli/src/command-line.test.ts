import { expect, test } from 'vitest';
import { parseCommandLine } from './command-line.ts';

test.each([
  [['doctor'], { kind: 'doctor', json: false, app: null }],
  [['doctor', '--app', 'a.ts', '--json'], { kind: 'doctor', json: true, app: 'a.ts' }],
  [['tenant', 'create', '--disposable'], { kind: 'tenant-create', json: false, policy: null }],
  [
    ['tenant', 'create', '--json', '--disposable', '--policy', 'p.json'],
    { kind: 'tenant-create', json: true, policy: 'p.json' },
  ],
  [['tenant', 'destroy', 'id'], { kind: 'tenant-destroy', json: false, tenantId: 'id' }],
  [['outbox', 'list'], { kind: 'outbox-list', json: false, to: null }],
  [
    ['outbox', 'list', '--to', 'a@b.example'],
    { kind: 'outbox-list', json: false, to: 'a@b.example' },
  ],
  [['evidence', 'run'], { kind: 'evidence-run', json: false, target: null, only: null }],
  [
    ['evidence', 'run', '--target', 'http://localhost:3000/'],
    { kind: 'evidence-run', json: false, target: 'http://localhost:3000', only: null },
  ],
  [
    ['evidence', 'run', '--only', 'data.export,policy.change'],
    {
      kind: 'evidence-run',
      json: false,
      target: null,
      only: ['data.export', 'policy.change'],
    },
  ],
  [
    ['conformance', '--list'],
    { kind: 'conformance', json: false, target: null, only: null, list: true },
  ],
  [
    ['conformance', '--target', 'http://localhost:3000', '--only', 'CS-01,CS-34', '--json'],
    {
      kind: 'conformance',
      json: true,
      target: 'http://localhost:3000',
      only: ['CS-01', 'CS-34'],
      list: false,
    },
  ],
  [['--help'], { kind: 'help' }],
])('reads %j', (args, command) => {
  expect(parseCommandLine(args)).toEqual({ ok: true, command });
});

test.each([
  [[], 'no command'],
  [['tenant'], 'no such command: tenant'],
  [['migrate'], 'no such command: migrate'],
  [['tenant', 'create'], 'tenant create makes only throwaway tenants: add --disposable'],
  [
    ['tenant', 'create', '--disposable', 'extra'],
    'tenant create takes --disposable, --policy FILE and --json',
  ],
  [['tenant', 'destroy'], 'tenant destroy takes one tenant id and --json'],
  [['outbox', 'list', '--disposable'], 'outbox list takes --to ADDRESS and --json'],
  [
    ['evidence', 'run', '--target', 'ftp://a'],
    '--target must be an origin, such as https://portal.example',
  ],
  [['evidence', 'run', '--list'], 'evidence run takes --target URL, --only STEP,STEP and --json'],
  [['conformance', 'CS-01'], 'no such command: conformance CS-01'],
  [['evidence', 'run', '--verbose'], "Unknown option '--verbose'"],
])('refuses %j', (args, fault) => {
  expect(parseCommandLine(args)).toEqual({ ok: false, fault });
});
