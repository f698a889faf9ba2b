import fc from 'fast-check';
import { expect, test } from 'vitest';
import { openAnswer, sealAnswer } from './sealed-answer.ts';

test('an answer comes back with its grant, exactly', () => {
  fc.assert(
    fc.property(fc.string(), fc.string({ unit: 'grapheme' }), (grant, answer) => {
      expect(openAnswer(grant, sealAnswer(grant, answer))).toBe(answer);
    }),
  );
});

test('an answer does not open under another grant, or when a bit of it is changed', () => {
  const sealed = sealAnswer('grant', '{"key":"shown once"}');
  expect(Buffer.from(sealed).includes('shown once')).toBe(false);
  expect(() => openAnswer('grand', sealed)).toThrow();
  for (let at = 0; at < sealed.length; at += 1) {
    const changed = Uint8Array.from(sealed);
    changed[at] = (changed[at] ?? 0) ^ 1;
    expect(() => openAnswer('grant', changed)).toThrow();
  }
});
