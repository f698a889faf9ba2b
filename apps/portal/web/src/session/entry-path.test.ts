import { expect, test } from 'vitest';
import { entryPath } from './entry-path.ts';

test.each([
  ['none', [], '/sign-in?next=%2Fadmin%2Fpolicy'],
  ['pending', ['challenge'], '/sign-in/challenge?next=%2Fadmin%2Fpolicy'],
  ['pending', ['enrolment'], '/sign-in/enrol?next=%2Fadmin%2Fpolicy'],
  ['active', [], null],
] as const)('%s %j is let in at %s', (state, needs, path) => {
  expect(entryPath({ state, needs: [...needs] }, '/admin/policy')).toBe(path);
});
