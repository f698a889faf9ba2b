import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

// 'source' makes every workspace package resolve to its TypeScript, in this process and in the
// modules Node loads itself, so that tests never run against a stale build.
const conditions = ['source', 'module', 'node', 'development|production'];

/** Files between the beginnings of two long ones: side by side they would wait for one another. */
const BETWEEN = 12;

/** Begins the long runs early, one after the other: the last of them alone made everything wait. */
class LongRunsEarly extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const isLong = ({ moduleId }: TestSpecification) =>
      /\/(evidence|conformance)\/(broken|evidence|whole)-/.test(moduleId);
    const others = sorted.filter((file) => !isLong(file));
    const spread = sorted.filter(isLong).flatMap((file) => [file, ...others.splice(0, BETWEEN)]);
    return [...spread, ...others];
  }
}

const include = ['packages', 'apps', 'tests'].map((folder) => `${folder}/**/*.test.{ts,tsx}`);
const exclude = ['**/node_modules/**', '**/dist/**'];

/** Files that put modules in the place of others, or watch the process they run in. */
const APART = [
  'tests/http/{slow-work,start,enumeration,failing-closed,gate-walk,session-under-lock}.test.ts',
];

export default defineConfig({
  ssr: { resolve: { conditions, externalConditions: ['source'] } },
  test: {
    exclude,
    globalSetup: 'tests/support/run-servers.ts',
    pool: 'forks',
    maxWorkers: 2,
    // Runs that wait half their time for the next code; whoever begins such tests together says so.
    maxConcurrency: 2,
    sequence: { sequencer: LongRunsEarly },
    testTimeout: 30_000,
    hookTimeout: 120_000,
    // A process loads the server once and not for each file; what changes modules has its own.
    projects: [
      { extends: true, test: { name: 'apart', include: APART } },
      {
        extends: true,
        test: { name: 'together', include, exclude: [...exclude, ...APART], isolate: false },
      },
    ],
  },
});
