import { LONGEST_PASSWORD, type PasswordFault, SHORTEST_PASSWORD } from '../contract/password.ts';
import { patternWeight, repeatedPart } from './password-pattern.ts';

export interface PasswordContext {
  /** What others know of the person: name, address, organisation, application; whole, as written. */
  readonly about: readonly string[];
  /** Whether a text in lower case is on the list of breached and common passwords. */
  readonly isListed: (text: string) => boolean;
}

/** A password that comes to fewer independent characters than this is a pattern, however long. */
const LEAST_WEIGHT = 8;

/** A shorter word is in too many innocent passwords to mean anything. */
const SHORTEST_WORD = 3;

/**
 * Why a password may not be chosen, or null. Judged whole and in its NFKC form, which is also the form
 * that is hashed; characters are code points. Nothing is asked of its composition.
 * @see NIST SP 800-63B-4 section 3.1.1.2; OWASP ASVS 5.0 section 6.2
 */
export function judgePassword(
  password: string,
  { about, isListed }: PasswordContext,
): PasswordFault | null {
  const typed = [...password].length;
  if (typed > LONGEST_PASSWORD) return 'too_long';
  const normal = password.normalize('NFKC');
  // One typed sign can become eighteen, and two typed can become one: the smaller number counts.
  if (Math.min(typed, [...normal].length) < SHORTEST_PASSWORD) return 'too_short';
  // Half of a surrogate pair has no bytes of its own: different passwords would be hashed alike.
  if (/[\p{Cc}\p{Cs}]/u.test(password)) return 'unprintable';
  const text = normal.toLowerCase();
  if (isNearlyListed(text, isListed)) return 'listed';
  if (patternWeight(text) < LEAST_WEIGHT) return 'repetitive';
  const rest = withoutWords(text, about);
  if (rest === text) return null;
  return patternWeight(rest) < LEAST_WEIGHT || isNearlyListed(rest, isListed) ? 'personal' : null;
}

/** On the list: as it is, with signs and digits around it, with look-alikes, spread out, or repeated. */
function isNearlyListed(text: string, isListed: PasswordContext['isListed']): boolean {
  const together = text.replace(/[^\p{L}\p{N}]/gu, '');
  const letters = text.replace(/\P{L}/gu, '');
  const forms = [text, together, ...(letters.length * 2 < text.length ? [] : [letters])];
  return forms
    .flatMap((form) => [form, repeatedPart(form)])
    .flatMap((form) => [form, ...coresOf(form)])
    .some(isListed);
}

/** A text without the digits and signs at its ends, each way of reading the signs in it. */
function coresOf(text: string): string[] {
  const isLetter = (sign: string) => /\p{L}/u.test(sign);
  const signs = [...text];
  const start = signs.findIndex(isLetter);
  if (start === -1) return [];
  const end = signs.findLastIndex(isLetter) + 1;
  const unended = signs.slice(0, end).join('');
  const core = signs.slice(start, end).join('');
  return [unended, core, readSigns(unended), readSigns(core)];
}

const LOOK_ALIKES: Readonly<Record<string, string>> = {
  '0': 'o',
  '1': 'i',
  '3': 'e',
  '4': 'a',
  '5': 's',
  '7': 't',
  '@': 'a',
  $: 's',
  '!': 'i',
};

function readSigns(text: string): string {
  return text.replace(/[013457@$!]/g, (sign) => LOOK_ALIKES[sign] ?? sign);
}

function withoutWords(text: string, about: readonly string[]): string {
  const words = about
    .flatMap((it) =>
      it
        .normalize('NFKC')
        .toLowerCase()
        .split(/[^\p{L}\p{M}\p{N}]+/u),
    )
    .filter((word) => word.length >= SHORTEST_WORD)
    .toSorted((one, other) => other.length - one.length);
  return words.reduce((rest, word) => rest.replaceAll(word, ''), text);
}
