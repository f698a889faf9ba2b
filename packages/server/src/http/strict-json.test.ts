import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseStrictJson } from './strict-json.ts';

test('reads every JSON value as JSON.parse does, however it is spaced', () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.constantFrom(undefined, 1, '\t'), (value, space) => {
      const text = JSON.stringify(value, null, space);
      expect(parseStrictJson(text)).toEqual(JSON.parse(text));
    }),
  );
});

test('reads every object whose keys hold quotes, braces, colons and escapes', () => {
  const awkward = fc.string({
    unit: fc.constantFrom('"', '\\', '{', '}', '[', ']', ':', ',', 'a', ' '),
  });
  fc.assert(
    fc.property(
      fc.dictionary(awkward, fc.oneof(awkward, fc.dictionary(awkward, awkward))),
      (value) => {
        const text = JSON.stringify(value);
        expect(parseStrictJson(text)).toEqual(JSON.parse(text));
      },
    ),
  );
});

test('CS-34: finds a doubled key wherever it is', () => {
  const anyKey = fc.string();
  fc.assert(
    fc.property(
      anyKey,
      fc.jsonValue(),
      fc.array(fc.constantFrom('[', '{')),
      (key, value, around) => {
        const name = JSON.stringify(key);
        const inner = `{${name}:${JSON.stringify(value)}, "other" : [] ,${name} : 1}`;
        fc.pre(key !== 'other');
        const text = around.reduce(
          (it, kind) => (kind === '[' ? `[0,${it}]` : `{"x":${it}}`),
          inner,
        );
        expect(() => parseStrictJson(text)).toThrow(SyntaxError);
      },
    ),
  );
});

test('CS-34: a key is the same however it is escaped', () => {
  for (const text of [
    '{"a":1,"\\u0061":2}',
    '{"\\u0061":1,"\\u0061":2}',
    '{"/":1,"\\/":2}',
    '{"é":1,"\\u00e9":2}',
    '{"😀":1,"\\ud83d\\ude00":2}',
    '{"\\n":1,"\\u000a":2}',
    '{"":1,"":2}',
    '{"__proto__":1,"__proto__":2}',
  ]) {
    expect(() => parseStrictJson(text)).toThrow('a key is named twice');
  }
});

test('the same name in two objects, or as a value, is no doubled key', () => {
  for (const text of [
    '{"a":{"a":{"a":1}}}',
    '[{"a":1},{"a":2}]',
    '{"a":"a","b":["a","a"]}',
    '{"a":"{\\"a\\":1,\\"a\\":2}"}',
    '{"a":"}","b":"{","c":"]"}',
    '{"a":"x\\\\","b":"\\""}',
    '{"a":1,"A":2}',
    '{"a":["a",{"b":"a"}],"b":{}}',
  ]) {
    expect(parseStrictJson(text)).toEqual(JSON.parse(text));
  }
});

test('what is not JSON is refused', () => {
  for (const text of ['', '{', '{"a":1,}', "{'a':1}", '{a:1}', 'NaN', '{"a":1}x', '\ufeff{}']) {
    expect(() => parseStrictJson(text)).toThrow(SyntaxError);
  }
});

test('a key named __proto__ changes no prototype', () => {
  const value = parseStrictJson('{"__proto__":{"admin":true}}') as Record<string, unknown>;
  expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
  expect(value['admin']).toBeUndefined();
});
