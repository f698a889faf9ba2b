import type { QueryConfig } from 'pg';

/**
 * Names statements by their texts, so that PostgreSQL parses and plans each once a connection and not at
 * every execution. It keeps them as long as the connection lives: this is for texts that are few and known,
 * and of any others only `most` are named. One that does not list its columns is never named: once a
 * migration changes them, what was prepared fails.
 */
export function preparedTexts(most: number) {
  const names = new Map<string, string>();
  return (text: string, values: unknown[]): QueryConfig => {
    const known = names.get(text);
    if (known !== undefined) return { name: known, text, values };
    if (text.includes('*') || names.size >= most) return { text, values };
    const name = `countersign-text-${names.size + 1}`;
    names.set(text, name);
    return { name, text, values };
  };
}
