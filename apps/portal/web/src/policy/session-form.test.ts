import { expect, test } from 'vitest';
import { findSessionFaults, formatSessions, parseSessions } from './session-form.ts';

const sessions = { inactivityMinutes: 30, absoluteHours: 12 };
const typed = formatSessions(sessions);

test('what is set survives being typed', () => {
  expect(parseSessions(typed)).toEqual(sessions);
});

test.each([
  ['5', true],
  [' 60 ', true],
  ['4', false],
  ['61', false],
  ['', false],
  ['-5', false],
  ['7.5', false],
  ['1e1', false],
])('%j minutes are accepted: %s', (inactivityMinutes, isAccepted) => {
  const faults = findSessionFaults({ ...typed, inactivityMinutes });
  expect(faults).toEqual(isAccepted ? [] : ['inactivityMinutes']);
});

test.each([
  ['1', true],
  ['24', true],
  ['0', false],
  ['25', false],
  ['', false],
])('%j hours are accepted: %s', (absoluteHours, isAccepted) => {
  const faults = findSessionFaults({ ...typed, absoluteHours });
  expect(faults).toEqual(isAccepted ? [] : ['absoluteHours']);
});
