/** The pattern of `like` that finds a text anywhere, its own wildcards being mere characters. */
export function containing(text: string): string {
  return `%${text.replace(/[\\%_]/g, '\\$&')}%`;
}
