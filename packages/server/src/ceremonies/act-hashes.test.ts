import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { hashParameters as hashWith } from './act-hashes.ts';
import { operation, personal, secret } from './operation.ts';

function hashParameters(
  params: object,
  secretFields: readonly string[],
  personalFields: readonly string[] = [],
  salt = 'salt',
): string {
  return hashWith(params, { secretFields, personalFields, salt });
}

test('CS-34: the hash is SHA-256 over the RFC 8785 form', () => {
  const bytes = '{"b":[1,2],"recordIds":["x"]}';
  expect(hashParameters({ recordIds: ['x'], b: [1, 2] }, [])).toBe(
    createHash('sha256').update(bytes).digest('hex'),
  );
});

const params = fc.dictionary(fc.string(), fc.jsonValue());

test('CS-34: the order of keys makes no difference', () => {
  fc.assert(
    fc.property(params, (given) => {
      const reversed = Object.fromEntries(Object.entries(given).reverse());
      expect(hashParameters(reversed, [])).toBe(hashParameters(given, []));
    }),
  );
});

test('CS-34: any change of a value, a list or a name makes another hash', () => {
  const hashes = [
    { ids: ['a', 'b'] },
    { ids: ['b', 'a'] },
    { ids: ['a'] },
    { ids: ['a', 'b', 'c'] },
    { ids: ['a,b'] },
    { id: ['a', 'b'] },
    { ids: { 0: 'a', 1: 'b' } },
    { ids: ['a', 'b'], more: null },
    { ids: 'a' },
    { ids: 1 },
    { ids: '1' },
    {},
  ].map((it) => hashParameters(it, []));
  expect(new Set(hashes).size).toBe(hashes.length);
});

test('CS-34: a secret field stays out of the hash, and only that field', () => {
  fc.assert(
    fc.property(params, fc.string(), fc.string(), (given, first, second) => {
      const { password: _, ...open } = given;
      expect(hashParameters({ ...open, password: first }, ['password'])).toBe(
        hashParameters({ ...open, password: second }, ['password']),
      );
      expect(hashParameters({ ...open, password: first }, ['password'])).toBe(
        hashParameters(open, ['password']),
      );
    }),
  );
  expect(hashParameters({ password: 'a' }, [])).not.toBe(hashParameters({ password: 'b' }, []));
});

test('CS-34: a schema says which of its fields are secret', () => {
  const schema = z.strictObject({
    id: z.uuid(),
    password: z.string().min(1).max(256).meta(secret),
    note: z.string().meta({ title: 'countersignSecret' }),
    pin: z.string().optional().meta(secret),
  });
  const made = operation<z.infer<typeof schema>>(schema)
    .authorize(() => true)
    .resolve(async () => null)
    .requires({ acr: 'aal2', maxAge: 0 });
  expect(made.secretFields).toEqual(['password', 'pin']);
});

test('CS-34: a field marked secret before it was made optional is secret still', () => {
  const schema = z.strictObject({ id: z.uuid(), pin: z.string().meta(secret).optional() });
  const made = operation<z.infer<typeof schema>>(schema as never)
    .authorize(() => true)
    .resolve(async () => null)
    .requires({ acr: 'aal2', maxAge: 0 });
  expect(made.secretFields).toEqual(['pin']);
});

test('CS-34: a personal field is hashed only as a salted commitment, and binds all the same', () => {
  const hash = (email: string, salt: string) => hashParameters({ email }, [], ['email'], salt);
  expect(hash('a@b.example', 's')).toBe(hash('a@b.example', 's'));
  expect(hash('a@b.example', 's')).not.toBe(hash('c@b.example', 's'));
  expect(hash('a@b.example', 's')).not.toBe(hash('a@b.example', 't'));
  expect(hash('a@b.example', 's')).not.toBe(hashParameters({ email: 'a@b.example' }, []));
  const schema = z.strictObject({ email: z.email().meta(personal) });
  const made = operation<z.infer<typeof schema>>(schema)
    .authorize(() => true)
    .resolve(async () => null)
    .requires({ acr: 'aal2', maxAge: 0 });
  expect([made.personalFields, made.secretFields]).toEqual([['email'], []]);
});
