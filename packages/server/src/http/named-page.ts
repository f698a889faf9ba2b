import { z } from 'zod';

/** Where a page of a list by name begins: after the item of this name and id. */
interface NamePosition {
  readonly name: string;
  readonly id: string;
}

// PostgreSQL text cannot hold a null character.
const nameSchema = z.string().regex(/^\P{Cc}*$/u);

/** The query of a list by name: `q` searches, `limit` is up to 100, `cursor` is a `nextCursor`. */
export function namedPageQuery(id: z.ZodType<string>) {
  const position = z.tuple([nameSchema, id]);
  return z.object({
    q: z
      .string()
      .max(200)
      .default('')
      .transform((text) => text.replaceAll('\u0000', '')),
    limit: z.coerce.number().int().min(1).max(100).default(50),
    cursor: z
      .string()
      .max(2000)
      .optional()
      .transform((text, issues) => {
        if (text === undefined || text === '') return null;
        const parsed = position.safeParse(decode(text));
        if (parsed.success) return { name: parsed.data[0], id: parsed.data[1] };
        issues.addIssue({ code: 'custom', message: 'is not a cursor' });
        return null;
      }),
  });
}

/** A page of rows, of which one more than `limit` was read, and the cursor of the next; null when none. */
export function cutPage<Row extends NamePosition>(
  rows: readonly Row[],
  limit: number,
): { readonly shown: readonly Row[]; readonly nextCursor: string | null } {
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  const nextCursor = rows.length > limit && last !== undefined ? encode(last) : null;
  return { shown, nextCursor };
}

function encode({ name, id }: NamePosition): string {
  return Buffer.from(JSON.stringify([name, id])).toString('base64url');
}

function decode(text: string): unknown {
  try {
    return JSON.parse(Buffer.from(text, 'base64url').toString('utf8'));
  } catch {
    return null;
  }
}
