export const CODE_LENGTH = 6;

/** The digits of what was typed or pasted: spaces, dashes and anything else fall away. */
export function normalizeCode(text: string): string {
  return text.normalize('NFKC').replace(/\D/gu, '').slice(0, CODE_LENGTH);
}

/** Whether a normalised code has all its digits. */
export function isCompleteCode(code: string): boolean {
  return code.length === CODE_LENGTH;
}
