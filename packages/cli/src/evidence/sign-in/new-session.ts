import { rowsShow } from '../checks.ts';
import type { Check } from '../step.ts';

/** One session was born of the step, at this level and by these methods. */
export function oneSessionMore(
  expected: string,
  { aal, methods }: { readonly aal: 1 | 2; readonly methods: readonly string[] },
): Check {
  return rowsShow(expected, ({ before, after }) => {
    const known = new Set(before.authenticationSessions.map(({ sid }) => sid));
    const born = after.authenticationSessions.filter(({ sid }) => !known.has(sid));
    const told = born.map((it) => `level ${it.aal} by ${it.methods.join(', ')}`);
    const [session] = born;
    return {
      holds: born.length === 1 && session?.aal === aal && session.methods.join() === methods.join(),
      observed: `${born.length} more: ${told.join('; ') || 'none'}`,
    };
  });
}
