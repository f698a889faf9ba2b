import { expect, test } from 'vitest';
import { LACKS } from './operations/confirm.ts';
import type { DemoProvider } from './operations/demo-provider.ts';
import type { Mailbox } from './operations/mailbox.ts';
import { planSteps } from './steps.ts';

const provider: DemoProvider = {
  identities: [
    { issuer: 'http://a.example', subject: 'one' },
    { issuer: 'http://a.example', subject: 'other' },
  ],
  signInAt: async () => undefined,
  signIn: async () => '',
};
const nothing = async (): Promise<never> => {
  throw new TypeError('no mail is read here');
};
const mailbox: Mailbox = { codeFor: nothing, linkFor: nothing };
const names = (plan: ReturnType<typeof planSteps>) => plan.steps.map(({ step }) => step.name);

test('plans each step once, and the last of the story at the very end', () => {
  const plan = planSteps({ provider, mailbox }, null);
  expect(new Set(names(plan)).size).toBe(plan.steps.length);
  expect(names(plan).at(-1)).toBe('turn-off');
  expect(plan.leftOut).toEqual([]);
});

test('leaves out what cannot be shown where it is, and says why', () => {
  const whole = planSteps({ provider, mailbox }, null);
  const plan = planSteps({ provider: null, mailbox }, null);
  expect(plan.leftOut).toEqual([
    { title: 'A provider that says one factor', reason: LACKS.provider },
    { title: 'A provider that says both factors', reason: LACKS.provider },
  ]);
  expect(plan.steps).toHaveLength(whole.steps.length - 2);
  const lost = planSteps({ provider, mailbox: null }, ['recovery', 'time-out']);
  expect(names(lost)).toEqual(['time-out']);
  expect(lost.leftOut).toEqual([{ title: 'A lost phone', reason: LACKS.mailbox }]);
});

test('plans what a named step builds on, and no step of another name', () => {
  const ports = { provider, mailbox };
  expect(names(planSteps(ports, ['enrol']))).toEqual(['reach-enrolment', 'enrol']);
  expect(names(planSteps(ports, ['data.export']))).toEqual(['people', 'data.export']);
  expect(names(planSteps(ports, ['wasnt-me']))).toEqual(['wasnt-me']);
  expect(() => planSteps(ports, ['export'])).toThrow('there is no step export');
});
