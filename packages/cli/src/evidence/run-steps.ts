import { entriesFitTheirHashes, fails } from './checks.ts';
import type { Check, Finding, Observation, Screen, Side, Stage, Step } from './step.ts';
import type { Witness } from './witness.ts';

/** One check with what was seen. */
export interface JudgedCheck extends Finding {
  readonly side: Side;
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
}

/**
 * Runs the steps in order. Each begins where the one before it ended, so that after a failure the
 * rest cannot say anything and is not run.
 */
export async function runSteps(
  steps: readonly Step[],
  options: {
    readonly stage: Stage;
    readonly witness: Witness;
    readonly signal: AbortSignal;
    readonly onResult: (result: StepResult, total: number) => void;
  },
): Promise<readonly StepResult[]> {
  const results: StepResult[] = [];
  for (const [index, step] of steps.entries()) {
    const failed = results.find(({ result }) => result !== 'passed');
    const result =
      failed === undefined
        ? await runStep(step, index + 1, options)
        : notRun(step, index + 1, `step ${failed.number} (${failed.title}) failed`);
    options.signal.throwIfAborted();
    results.push(result);
    options.onResult(result, steps.length);
  }
  return results;
}

async function runStep(
  step: Step,
  number: number,
  { stage, witness }: { stage: Stage; witness: Witness },
): Promise<StepResult> {
  const startedAt = performance.now();
  await witness.open(number);
  const stopped = await attempt(async () => {
    await step.prepare?.(stage);
    await witness.readBefore();
    await step.act(stage);
  });
  // The picture of a failure is the page as it was when the step gave up.
  const unseen = stopped === null ? null : await attempt(() => stage.capture('stopped'));
  const { observation, artifacts } = await witness.close();
  const checks = [...step.checks, entriesFitTheirHashes].map((check) => judge(check, observation));
  const reason = stopped === null ? null : witness.redact(describeStop(stopped, unseen));
  const isPassed = reason === null && checks.every(({ holds }) => holds);
  return {
    number,
    name: step.name,
    title: step.title,
    rule: step.rule,
    result: isPassed ? 'passed' : 'failed',
    reason,
    seconds: (performance.now() - startedAt) / 1000,
    checks: checks.map((check) => ({ ...check, observed: witness.redact(check.observed) })),
    pictures: observation.screens.map(({ picture }: Screen) => picture),
    artifacts,
  };
}

function judge(check: Check, observation: Observation): JudgedCheck {
  const { side, expected } = check;
  try {
    return { side, expected, ...check.judge(observation) };
  } catch {
    return { side, expected, ...fails('what was seen could not be judged') };
  }
}

function notRun(step: Step, number: number, reason: string): StepResult {
  const { name, title, rule, checks } = step;
  return {
    number,
    name,
    title,
    rule,
    result: 'not run',
    reason,
    seconds: 0,
    checks: checks.map(({ side, expected }) => ({ side, expected, ...fails('not looked at') })),
    pictures: [],
    artifacts: [],
  };
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
