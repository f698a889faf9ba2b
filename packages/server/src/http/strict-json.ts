/** A name occurs twice in one object. */
export class DuplicateKeyError extends SyntaxError {
  override readonly name = 'DuplicateKeyError';
}

/**
 * Parses JSON and refuses an object that names a key twice: two readers of one document must not see
 * two different acts.
 *
 * @throws {SyntaxError} when the text is not JSON; {@link DuplicateKeyError} when it repeats a key.
 * @see https://www.rfc-editor.org/rfc/rfc8785#section-3.1
 */
export function parseStrictJson(text: string): unknown {
  const value: unknown = JSON.parse(text);
  refuseDuplicateKeys(text);
  return value;
}

const COLON = /[ \t\n\r]*:/y;

/** Walks text that is known to be valid JSON; only strings and brackets need telling apart. */
function refuseDuplicateKeys(text: string): void {
  const open: (Set<string> | null)[] = [];
  for (let at = 0; at < text.length; at += 1) {
    const char = text[at];
    if (char === '{') open.push(new Set());
    if (char === '[') open.push(null);
    if (char === '}' || char === ']') open.pop();
    if (char !== '"') continue;
    const end = endOfString(text, at);
    COLON.lastIndex = end + 1;
    if (COLON.test(text)) {
      const keys = open.at(-1);
      const key = JSON.parse(text.slice(at, end + 1)) as string;
      if (keys?.has(key)) throw new DuplicateKeyError('a key is named twice');
      keys?.add(key);
    }
    at = end;
  }
}

function endOfString(text: string, start: number): number {
  let at = start + 1;
  while (text[at] !== '"') at += text[at] === '\\' ? 2 : 1;
  return at;
}
