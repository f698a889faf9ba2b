import { mkdirSync, writeFileSync } from 'node:fs';
import { arch, cpus, platform, release, totalmem } from 'node:os';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { BenchDatabase } from './database.ts';

/** One line of the table. */
export interface Measure {
  readonly measure: string;
  readonly ours: number;
  readonly bare?: number;
  readonly ratio?: number;
  /** Compared with the ratio where there is one, else with `ours`. */
  readonly target?: Target;
  readonly isMet?: boolean;
}

type Target =
  | { readonly atLeast: number }
  | { readonly below: number }
  | { readonly exactly: number };

export interface ScenarioResult {
  readonly measures: readonly Measure[];
  /** What the measures were taken from. */
  readonly rounds?: readonly object[];
  /** Lines for what is wrong, not slow. */
  readonly faults?: readonly string[];
}

export interface Report {
  readonly at: string;
  readonly isQuick: boolean;
  readonly machine: ReturnType<typeof describeMachine>;
  readonly scenarios: Readonly<Record<string, ScenarioResult>>;
}

export const RESULTS = fileURLToPath(new URL('./results', import.meta.url));

export function describeMachine({ version, durability }: BenchDatabase) {
  const processors = cpus();
  return {
    cores: processors.length,
    processor: processors[0]?.model ?? 'unknown',
    memoryMb: Math.round(totalmem() / 1024 ** 2),
    system: `${platform()} ${release()} ${arch()}`,
    node: process.versions.node,
    postgresql: version,
    durability,
  };
}

const HEADER = ['scenario', 'measure', 'ours', 'bare', 'ratio', 'target', ''];

/** The table as text, columns aligned, a line a measure. */
export function formatTable(scenarios: Report['scenarios']): string {
  const rows = Object.entries(scenarios).flatMap(([name, { measures }]) =>
    measures.map((measure, index) => [index === 0 ? name : '', ...cellsOf(measure)]),
  );
  const table = [HEADER, ...rows];
  const widths = HEADER.map((_, column) =>
    Math.max(...table.map((row) => row[column]?.length ?? 0)),
  );
  return table
    .map((row) =>
      row
        .map((cell, column) => pad(cell, widths[column] ?? 0, column))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** Writes the report below `bench/results`; returns its path, relative where that is shorter. */
export function writeReport(report: Report): string {
  mkdirSync(RESULTS, { recursive: true });
  const path = join(RESULTS, `${report.at.replaceAll(':', '-')}.json`);
  writeFileSync(path, `${JSON.stringify(report, null, 2)}\n`);
  return relative(process.cwd(), path);
}

function cellsOf({ measure, ours, bare, ratio, target, isMet }: Measure): string[] {
  const met = isMet ? 'met' : 'not met';
  return [
    measure,
    format(ours),
    bare === undefined ? '' : format(bare),
    ratio === undefined ? '' : ratio.toFixed(2),
    target === undefined ? '' : formatTarget(target),
    isMet === undefined ? '' : met,
  ];
}

function formatTarget(target: Target): string {
  if ('below' in target) return `< ${target.below}`;
  return 'exactly' in target ? `${target.exactly}` : `>= ${target.atLeast}`;
}

function format(value: number): string {
  if (Number.isInteger(value) || Math.abs(value) >= 1000) return Math.round(value).toString();
  return value.toFixed(Math.abs(value) >= 100 ? 1 : 2);
}

function pad(cell: string, width: number, column: number): string {
  return column >= 2 && column <= 4 ? cell.padStart(width) : cell.padEnd(width);
}
