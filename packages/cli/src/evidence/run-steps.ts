import { entriesFitTheirHashes, fails } from './checks.ts';
import type { Cell } from './operations/cells.ts';
import type { OperationsStage } from './operations/operations-stage.ts';
import type { SignInRole } from './sign-in/open-sign-in-tenant.ts';
import type { SignInStage } from './sign-in/sign-in-stage.ts';
import type { Check, Finding, MatrixLine, Observation, Screen, Side, Stage, Step } from './step.ts';
import type { PlannedStep } from './steps.ts';
import type { Witness, WitnessScope } from './witness.ts';

/** One check with what was seen. */
export interface JudgedCheck extends Finding {
  readonly side: Side;
  readonly cell: Cell | null;
  readonly expected: string;
}

/** A step as the report tells it; no secret in it. */
export interface StepResult {
  /** From 1. */
  readonly number: number;
  readonly name: string;
  readonly title: string;
  readonly rule: string;
  readonly result: 'passed' | 'failed' | 'not run';
  /** Why it was not run, or what stopped it; null otherwise. */
  readonly reason: string | null;
  readonly seconds: number;
  readonly checks: readonly JudgedCheck[];
  readonly pictures: readonly string[];
  /** Other files of the step, relative to the run's folder. */
  readonly artifacts: readonly string[];
  readonly notes: readonly string[];
  /** Its line in the matrix of operations; null for the other steps. */
  readonly line: MatrixLine | null;
}

/** A stage, and whose rows and entries are looked at while something happens on it. */
export interface Scene<S> {
  readonly stage: S;
  readonly scope: WitnessScope;
}

export interface Scenes {
  readonly story: Scene<Stage>;
  readonly operations: Scene<OperationsStage>;
  /** Set anew for each step, with the person it is about. */
  signIn(about: SignInRole): Scene<SignInStage>;
}

/** Runs the steps in order. One whose ground was not reached cannot say anything and is not run. */
export async function runSteps(
  steps: readonly PlannedStep[],
  options: {
    readonly scenes: Scenes;
    readonly witness: Witness;
    readonly signal: AbortSignal;
    readonly onResult: (result: StepResult, total: number) => void;
  },
): Promise<readonly StepResult[]> {
  const results: StepResult[] = [];
  for (const [index, planned] of steps.entries()) {
    const number = index + 1;
    const ground = results.find(({ name }) => name === planned.needs);
    const result =
      ground === undefined || ground.result === 'passed'
        ? await runStep(planned, number, options)
        : notRun(planned, number, lostGround(ground));
    options.signal.throwIfAborted();
    results.push(result);
    options.onResult(result, steps.length);
  }
  return results;
}

async function runStep(
  planned: PlannedStep,
  number: number,
  { scenes, witness }: { scenes: Scenes; witness: Witness },
): Promise<StepResult> {
  const startedAt = performance.now();
  const staged = setScene(planned, scenes);
  await witness.open(number, staged.scope);
  const stopped = await attempt(() => staged.perform(witness));
  // The picture of a failure is the page as it was when the step gave up.
  const unseen = stopped === null ? null : await attempt(() => staged.capture('stopped'));
  const { observation, artifacts } = await witness.close();
  await staged.close();
  const checks = [...planned.step.checks, entriesFitTheirHashes].map((check) =>
    judge(check, observation),
  );
  const reason = stopped === null ? null : witness.redact(describeStop(stopped, unseen));
  const isPassed = reason === null && checks.every(({ holds }) => holds);
  return {
    number,
    ...describeStep(planned),
    result: isPassed ? 'passed' : 'failed',
    reason,
    seconds: (performance.now() - startedAt) / 1000,
    checks: checks.map((check) => ({ ...check, observed: witness.redact(check.observed) })),
    pictures: observation.screens.map(({ picture }: Screen) => picture),
    artifacts,
  };
}

interface StagedStep {
  readonly scope: WitnessScope;
  perform(witness: Witness): Promise<void>;
  capture(name: string): Promise<void>;
  close(): Promise<void>;
}

function setScene(planned: PlannedStep, scenes: Scenes): StagedStep {
  switch (planned.scene) {
    case 'story':
      return stageStep(planned.step, scenes.story);
    case 'operations':
      return stageStep(planned.step, scenes.operations);
    case 'sign-in':
      return stageStep(planned.step, scenes.signIn(planned.step.about));
  }
}

function stageStep<S extends Pick<StagedStep, 'capture'> & Partial<Pick<StagedStep, 'close'>>>(
  step: Step<S>,
  { stage, scope }: Scene<S>,
): StagedStep {
  return {
    scope,
    perform: async (witness) => {
      await step.prepare?.(stage);
      await witness.readBefore();
      await step.act(stage);
    },
    capture: stage.capture,
    close: async () => stage.close?.(),
  };
}

function judge(check: Check, observation: Observation): JudgedCheck {
  const { side, expected, cell = null } = check;
  try {
    return { side, cell, expected, ...check.judge(observation) };
  } catch {
    return { side, cell, expected, ...fails('what was seen could not be judged') };
  }
}

function notRun(planned: PlannedStep, number: number, reason: string): StepResult {
  return {
    number,
    ...describeStep(planned),
    result: 'not run',
    reason,
    seconds: 0,
    checks: planned.step.checks.map(({ side, expected, cell = null }) => {
      return { side, cell, expected, ...fails('not looked at'), isUnseen: true as const };
    }),
    pictures: [],
    artifacts: [],
  };
}

function describeStep({ step }: PlannedStep) {
  const { name, title, rule, notes = [], line = null } = step;
  return { name, title, rule, notes, line };
}

function lostGround({ number, title, result }: StepResult): string {
  return `step ${number} (${title}) ${result === 'failed' ? 'failed' : 'was not run'}`;
}

async function attempt(work: () => Promise<void>): Promise<unknown> {
  try {
    await work();
    return null;
  } catch (error) {
    return error ?? new Error('unknown');
  }
}

function describeStop(stopped: unknown, unseen: unknown): string {
  const picture = unseen === null ? '' : ` No picture: ${firstLine(unseen)}.`;
  return `It stopped: ${firstLine(stopped)}.${picture}`;
}

/**
 * What failed and, where the browser library waited in vain, for what. The rest of what it says
 * repeats what was typed.
 */
function firstLine(error: unknown): string {
  const message = error instanceof Error ? error.message : 'unknown';
  const [line = 'unknown'] = message.split('\n');
  const awaited = /waiting for (get\S.*)/.exec(message)?.[1];
  return [
    line.replace(/\.$/, ''),
    ...(awaited === undefined ? [] : [`waiting for ${awaited}`]),
  ].join(', ');
}
