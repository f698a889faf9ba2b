/** Rows and columns of the keyboards people have. */
const KEYBOARD = [
  '1234567890 qwertyuiop asdfghjkl zxcvbnm',
  '1qaz 2wsx 3edc 4rfv 5tgb 6yhn 7ujm',
  'qwertz yxcvbnm azertyuiop qsdfghjklm wxcvbn',
].join(' ');

/** Fewer neighbours than this are in any text. */
const SHORTEST_RUN = 3;

/**
 * How many characters a text comes to when a repetition counts once and each row of neighbours, in the
 * alphabet, among the digits or on a keyboard, counts as one character.
 */
export function patternWeight(text: string): number {
  const signs = [...repeatedPart(text)];
  // `1q2w3e4r` is two rows, one in every other place.
  const apart = [0, 1].flatMap((half) => signs.filter((_, index) => index % 2 === half));
  return Math.min(weightOf(signs), weightOf(apart));
}

/** What a text repeats, its last time perhaps cut short; the text itself when it repeats nothing. */
export function repeatedPart(text: string): string {
  // How long an end of the text so far is also its beginning.
  const borders = [0];
  for (let index = 1, border = 0; index < text.length; index += 1) {
    while (border > 0 && text[index] !== text[border]) border = borders[border - 1] ?? 0;
    if (text[index] === text[border]) border += 1;
    borders.push(border);
  }
  const period = text.length - (borders.at(-1) ?? 0);
  return period * 2 <= text.length ? text.slice(0, period) : text;
}

function weightOf(signs: readonly string[]): number {
  const once = signs.filter((sign, index) => sign !== signs[index - 1]);
  let weight = 0;
  for (let index = 0; index < once.length; weight += 1) index += runAt(once, index);
  return weight;
}

/** Length of the row of neighbours that begins here; 1 where none does. */
function runAt(signs: readonly string[], start: number): number {
  const lengths = NEIGHBOURS.map((isNext) => {
    let end = start + 1;
    while (end < signs.length && isNext(signs[end - 1] ?? '', signs[end] ?? '')) end += 1;
    return end - start;
  });
  const longest = Math.max(...lengths);
  return longest < SHORTEST_RUN ? 1 : longest;
}

const NEIGHBOURS: readonly ((one: string, other: string) => boolean)[] = [
  (one, other) => isInOrder(one, other),
  (one, other) => isInOrder(other, one),
  (one, other) => one !== ' ' && other !== ' ' && KEYBOARD.includes(one + other),
  (one, other) => one !== ' ' && other !== ' ' && KEYBOARD.includes(other + one),
];

function isInOrder(one: string, other: string): boolean {
  const isNext = other.codePointAt(0) === (one.codePointAt(0) ?? 0) + 1;
  return isNext && /[\p{L}\p{N}]/u.test(one) && /[\p{L}\p{N}]/u.test(other);
}
