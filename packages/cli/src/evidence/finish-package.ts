import type { AuditEntry } from './audit-entries.ts';
import type { EnvironmentFacts } from './environment-facts.ts';
import { listManifestFiles, type PackageFolder } from './package-folder.ts';
import { formatReport } from './report.ts';
import type { StepResult } from './run-steps.ts';
import { type ScanFinding, scanFolder } from './scan-secrets.ts';
import type { LeftOut } from './steps.ts';
import type { Vault } from './vault.ts';

/** All a report tells, beside the findings of the scan. */
export interface RunFacts {
  readonly run: string;
  readonly startedAt: Date;
  readonly facts: EnvironmentFacts;
  readonly steps: readonly StepResult[];
  readonly entries: readonly AuditEntry[];
  readonly tenants: readonly {
    readonly tenantId: string;
    readonly expiresAt: string;
    readonly users: readonly {
      readonly id: string;
      readonly email: string;
      readonly role: string;
    }[];
  }[];
  /** The steps that were asked for where not all were run. */
  readonly only: readonly string[] | null;
  /** Steps that could not be shown there. */
  readonly leftOut: readonly LeftOut[];
}

export interface Verdict {
  readonly result: 'passed' | 'failed';
  readonly findings: readonly ScanFinding[];
  readonly seconds: number;
}

/**
 * Writes what is left of the package, scans every file of it for every secret of the run, and
 * closes it with the manifest. A finding fails the run, and is told without repeating the secret.
 */
export async function finishPackage(
  options: RunFacts & { readonly folder: PackageFolder; readonly vault: Vault },
): Promise<Verdict> {
  const { folder, vault, run, startedAt, facts, steps } = options;
  await folder.writeJson('audit.json', formatAudit(options));
  await folder.writeJson('environment.json', facts);

  const writeReport = async (findings: readonly ScanFinding[]): Promise<Verdict> => {
    const verdict = judgeRun(steps, findings, startedAt);
    await folder.writeText('report.html', formatReport(options, verdict));
    return verdict;
  };
  const scan = (): Promise<ScanFinding[]> => scanFolder(folder.path, vault.secrets);
  const found = await scan();
  const draft = await writeReport(found);
  // The report is a file of the package too; what it repeats was seen only now.
  const withReport = await scan();
  const verdict = withReport.length === found.length ? draft : await writeReport(withReport);

  await folder.writeJson('manifest.json', {
    run,
    result: verdict.result,
    ...(options.only === null ? {} : { onlySteps: options.only }),
    ...(options.leftOut.length === 0 ? {} : { leftOut: options.leftOut }),
    startedAt: startedAt.toISOString(),
    endedAt: new Date().toISOString(),
    commit: facts.commit,
    dirty: facts.dirty,
    versions: facts.versions,
    files: await listManifestFiles(folder.path),
  });
  const closing = await scan();
  if (closing.length <= withReport.length) return verdict;
  return { ...verdict, result: 'failed', findings: closing };
}

/** Passed only when every step did and no secret of the run is in any file. */
function judgeRun(
  steps: readonly StepResult[],
  findings: readonly ScanFinding[],
  startedAt: Date,
): Verdict {
  const isPassed = findings.length === 0 && steps.every(({ result }) => result === 'passed');
  const seconds = (Date.now() - startedAt.getTime()) / 1000;
  return { result: isPassed ? 'passed' : 'failed', findings, seconds };
}

function formatAudit({ entries, tenants }: RunFacts) {
  const fitting = entries.filter((it) => it.leafHash === it.recomputedHash).length;
  return {
    tenants,
    verification: {
      method: 'SHA-256(0x00 || entry), recomputed from the bytes of every entry',
      entries: entries.length,
      fitting,
      limits: 'An entry removed together with its hash would not be noticed here.',
    },
    entries,
  };
}
