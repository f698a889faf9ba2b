/** A query string with its question mark, without the values that are null or empty. */
export function toSearch(values: Readonly<Record<string, string | null>>): string {
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries(values)) {
    if (value !== null && value !== '') params.set(name, value);
  }
  return params.size === 0 ? '' : `?${params}`;
}
