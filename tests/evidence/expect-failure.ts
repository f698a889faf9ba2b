import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { type Patch, runPatchedBuild } from './patched-build.ts';

/** One rule of the portal, broken. */
export interface BrokenRule {
  readonly rule: string;
  /** The step that must notice. */
  readonly failsAt: string;
  readonly patches: readonly Patch[];
}

/** The last step of the one person's story, which builds on all the others. */
const STORY = ['turn-off'];

/** The run ends with 1, fails at this very step, shows it with a picture, and runs nothing after it. */
export async function expectFailure({ failsAt, patches }: BrokenRule): Promise<void> {
  const story = { patches, only: STORY };
  await runPatchedBuild(story, ({ exitCode, result, steps, folder, progress }) => {
    const at = steps.findIndex(({ name }) => name === failsAt);
    const told = steps.map((step) => step.result);
    const expected = steps.map((_, index) =>
      index < at ? 'passed' : index === at ? 'failed' : 'not run',
    );
    expect(told, progress).toEqual(expected);
    expect(result).toBe('failed');
    expect(exitCode).toBe(1);
    const report = readFileSync(join(folder, 'report.html'), 'utf8');
    const section = report.split(`<section class="step" id="${failsAt}"`)[1] ?? '';
    const own = section.split('<section')[0] ?? '';
    expect(own).toContain('Failed');
    const picture = /<img src="([^"]+)"/.exec(own)?.[1] ?? '';
    expect(existsSync(join(folder, picture)), `a picture of ${failsAt}`).toBe(true);
  });
}
