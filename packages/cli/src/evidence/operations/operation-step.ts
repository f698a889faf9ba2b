import type { MatrixLine, Step } from '../step.ts';
import type { Cell, Method } from './cells.ts';
import { type ConfirmingPorts, LACKS } from './confirm.ts';
import { checkTrials } from './judge-trials.ts';
import type { OperationCase } from './operation-case.ts';
import type { OperationsStage } from './operations-stage.ts';
import { playOperation } from './play-operation.ts';
import { TIME_MOVED } from './time-moves.ts';

/** The step that plays one operation; its checks are the cells of its line in the matrix. */
export function operationStep(
  operation: OperationCase,
  ports: ConfirmingPorts,
): Step<OperationsStage> {
  const absent = absentCells(operation, ports);
  return {
    name: operation.name,
    title: operation.title,
    rule: ruleOf(operation),
    act: async ({ ground, capture }) => {
      await playOperation(operation, ground());
      const { page } = ground().cast.main;
      await page.goto(operation.screen);
      // Looked for at every frame: a locator would look again only after half a second.
      await page.waitForFunction(() => document.querySelector('h1') !== null);
      await capture(operation.name.replace('.', '-'));
    },
    checks: [...checkTrials(operation, absent), ...(operation.checks?.(ports) ?? [])],
    notes: notesOf(operation, ports),
    line: { name: operation.name, absent },
  };
}

function ruleOf({ confirms }: OperationCase): string {
  return confirms === 'act'
    ? 'A session alone does not do it. It takes a confirmation of this very act, in this session, which is good for one minute and for one time.'
    : 'A session alone does not do it once its sign-in is more than five minutes old. It takes a confirmation in this session, which is good for five minutes.';
}

/** Cells that say nothing about this operation, with the reason. */
function absentCells(
  { confirms, methods }: OperationCase,
  { provider, mailbox }: ConfirmingPorts,
): MatrixLine['absent'] {
  const absent: Partial<Record<Cell, string>> = {};
  for (const method of ['totp', 'idp', 'email'] as const satisfies readonly Method[]) {
    if (!methods.includes(method)) absent[method] = 'not accepted for this operation';
  }
  if (provider === null) absent.idp = LACKS.provider;
  if (mailbox === null) absent.email = LACKS.mailbox;
  if (confirms === 'window') {
    absent.replayed = 'confirming gives no grant';
    absent['replayed-altered'] = 'confirming gives no grant';
  }
  return absent;
}

function notesOf({ confirms, methods }: OperationCase, { mailbox }: ConfirmingPorts): string[] {
  return [
    confirms === 'act' ? TIME_MOVED.grant : TIME_MOVED.session,
    ...(methods.includes('email') && mailbox !== null ? [TIME_MOVED.address] : []),
  ];
}
