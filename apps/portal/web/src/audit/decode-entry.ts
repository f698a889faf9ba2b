/** An audit entry, base64 of its recorded bytes, as indented JSON; null when it is not JSON in UTF-8. */
export function decodeEntry(entry: string): string | null {
  try {
    const bytes = Uint8Array.from(atob(entry), (character) => character.charCodeAt(0));
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return null;
  }
}
