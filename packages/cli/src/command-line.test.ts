import { expect, test } from 'vitest';
import { parseCommandLine } from './command-line.ts';

test.each([
  [['tenant', 'create', '--disposable'], { kind: 'tenant-create', json: false }],
  [['tenant', 'create', '--json', '--disposable'], { kind: 'tenant-create', json: true }],
  [['tenant', 'destroy', 'id'], { kind: 'tenant-destroy', json: false, tenantId: 'id' }],
  [['outbox', 'list'], { kind: 'outbox-list', json: false, to: null }],
  [
    ['outbox', 'list', '--to', 'a@b.example'],
    { kind: 'outbox-list', json: false, to: 'a@b.example' },
  ],
  [['evidence', 'run'], { kind: 'evidence-run', json: false, target: null }],
  [
    ['evidence', 'run', '--target', 'http://localhost:3000/'],
    { kind: 'evidence-run', json: false, target: 'http://localhost:3000' },
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
  [['tenant', 'create', '--disposable', 'extra'], 'tenant create takes --disposable and --json'],
  [['tenant', 'destroy'], 'tenant destroy takes one tenant id and --json'],
  [['outbox', 'list', '--disposable'], 'outbox list takes --to ADDRESS and --json'],
  [
    ['evidence', 'run', '--target', 'ftp://a'],
    '--target must be an origin, such as https://portal.example',
  ],
  [['evidence', 'run', '--verbose'], "Unknown option '--verbose'"],
])('refuses %j', (args, fault) => {
  expect(parseCommandLine(args)).toEqual({ ok: false, fault });
});
