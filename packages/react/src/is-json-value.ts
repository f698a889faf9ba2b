/**
 * Whether a value is the same after a journey through JSON: text, finite numbers, booleans, null, and
 * plain lists and objects of them. A `Blob` or a `Date` is not.
 */
export function isJsonValue(value: unknown): boolean {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return true;
  if (typeof value === 'number') return Number.isFinite(value);
  if (Array.isArray(value)) return value.every(isJsonValue);
  if (typeof value !== 'object' || !isPlain(value)) return false;
  // A field that is undefined is left out, by this journey and by the request alike.
  return Object.values(value).every((field) => field === undefined || isJsonValue(field));
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
