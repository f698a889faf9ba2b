import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createFinder } from './find-texts.ts';

const latin = fc.string({
  unit: fc.integer({ min: 0, max: 255 }).map((it) => String.fromCharCode(it)),
});
const fewLetters = fc.string({ unit: fc.constantFrom('a', 'b'), minLength: 1, maxLength: 14 });

test('finds exactly the texts that occur', () => {
  const cases = fc.tuple(
    fc.array(fewLetters, { maxLength: 12 }),
    fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 60 }),
  );
  fc.assert(
    fc.property(cases, ([texts, text]) => {
      const expected = texts.flatMap((it, index) => (text.includes(it) ? [index] : []));
      expect([...createFinder(texts)(text)].sort((a, b) => a - b)).toEqual(expected);
    }),
  );
});

test('finds a text between any bytes', () => {
  fc.assert(
    fc.property(latin, latin, (before, after) => {
      const found = createFinder(['elsewhere', 'k9/Vq+3xTz~pLmW4'])(
        `${before}k9/Vq+3xTz~pLmW4${after}`,
      );
      expect(found.has(1)).toBe(true);
    }),
  );
});
