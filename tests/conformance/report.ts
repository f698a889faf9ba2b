/** What `countersign conformance --json` prints. */
export interface ConformanceReport {
  readonly target: string;
  readonly startedAt: string;
  readonly checks: readonly {
    readonly id: string;
    readonly rule: string;
    readonly result: 'held' | 'broken' | 'could not run';
    readonly tried: readonly {
      readonly what: string;
      readonly expected: string;
      readonly saw: string;
      readonly held: boolean | null;
    }[];
  }[];
}
