import { beforeAll, describe, expect, test } from 'vitest';
import { type CommandRun, runInPatchedBuild } from '../evidence/patched-build.ts';
import { brokenAtTheDoor, brokenFurtherIn } from './broken-rules.ts';
import type { ConformanceReport } from './report.ts';

const BUILDS = { 'at the door': brokenAtTheDoor, 'further in': brokenFurtherIn } as const;

describe.each(Object.entries(BUILDS))('in a build with rules broken %s', (_where, rules) => {
  let ended: CommandRun;
  let report: ConformanceReport;
  beforeAll(async () => {
    const only = rules.map(({ id }) => id).join(',');
    const patches = rules.flatMap((rule) => rule.patches);
    await runInPatchedBuild(patches, ['conformance', '--json', '--only', only], (run) => {
      ended = run;
      report = JSON.parse(run.output) as ConformanceReport;
    });
  }, 300_000);

  test('the run ends with 1', () => {
    expect(ended.exitCode, ended.progress).toBe(1);
    expect(report.checks.map(({ id }) => id)).toEqual(rules.map(({ id }) => id));
  });

  test.for(rules.map((rule) => [rule.id, rule] as const))(
    '%s notices that its rule is broken',
    ([id, { broken, shownBy }]) => {
      const check = report.checks.find((it) => it.id === id);
      expect(check?.result, `${broken}: ${JSON.stringify(check?.tried)}`).toBe('broken');
      const shown = check?.tried.filter(({ held }) => held === false).map(({ what }) => what);
      expect(shown).toEqual(expect.arrayContaining([...shownBy]));
    },
  );
});

test('every check has a rule that it was seen to notice', async () => {
  const { checks } = await import('../../packages/cli/src/conformance/checks.ts');
  const seen = new Set(Object.values(BUILDS).flatMap((rules) => rules.map(({ id }) => id)));
  expect([...seen].toSorted()).toEqual(checks.map(({ id }) => id));
});
