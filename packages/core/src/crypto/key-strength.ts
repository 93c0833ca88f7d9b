/**
 * How hard an imported API key is to guess. What people make up is refused; what vendors generate (UUIDs, 32 hex digits, 24 and more
 * random letters and digits) is not. An estimate: it counts what cannot be told from the rest of the key.
 */

const SHORTEST = 20;
const LEAST_BITS = 70;

/** A copy of what came before costs its place and length, a run such as `3456` or `qwer` its start and length. */
const REPEATED_BITS = 5;
/** Letters that could be a word: English has less than two bits a letter, and words alone are no key however many. */
const LETTER_OF_A_WORD_BITS = 2;
const MOST_BITS_OF_WORDS = 48;
const SYMBOL_BITS = 4;
/** Between groups of any generated key, and between words. */
const SEPARATORS = '-_.:/+=~';

const ROWS = [
  'abcdefghijklmnopqrstuvwxyz',
  '01234567890',
  'qwertyuiop',
  'qwertzuiop',
  'asdfghjkl',
  'zxcvbnm',
  'yxcvbnm',
];
const RUNS = ROWS.flatMap((row) => [row, [...row].reverse().join('')]);
const LOOKALIKES: Readonly<Record<string, string>> = {
  '@': 'a',
  $: 's',
  '!': 'i',
  0: 'o',
  1: 'i',
  3: 'e',
  4: 'a',
  5: 's',
  7: 't',
};

/** @returns why the key must not be imported; undefined for one that may be. Never repeats the key. */
export function keyWeakness(key: string): string | undefined {
  if (key.length < SHORTEST) return `it has fewer than ${SHORTEST} characters`;
  if (estimatedBits(key) < LEAST_BITS)
    return 'it could be guessed: words, repetitions and sequences count for little';
  return undefined;
}

/** An estimate of the entropy in bits, by the cheapest of the ways in which a person may have made the key up. */
function estimatedBits(key: string): number {
  return Math.min(bitsOf(key), bitsOf(readAsLetters(key)), bitsOf(inTwoParts(key)));
}

/** `S3cr3t` as `Secret`; not where digits are as usual as in hexadecimal. */
function readAsLetters(key: string): string {
  const digits = key.replace(/[^0-9]/g, '');
  return digits.length > key.length / 3 ? key : [...key].map((char) => LOOKALIKES[char] ?? char).join('');
}

/** `a1b2c3` as `abc123`, where one of the parts is a sequence or a repetition. */
function inTwoParts(key: string): string {
  const letters = key.replace(/[^A-Za-z]/g, '');
  const others = key.replace(/[A-Za-z]/g, '');
  const isPatterned = (part: string) => withoutRepeats(part).rest.length < part.length / 2;
  return isPatterned(letters) || isPatterned(others) ? `${letters}${GAP}${others}` : key;
}

function bitsOf(key: string): number {
  const { rest, repeats } = withoutRepeats(key);
  const words = (rest.match(LETTERS) ?? []).filter(soundsLikeAWord);
  const ofWords = Math.min(words.join('').length * LETTER_OF_A_WORD_BITS, MOST_BITS_OF_WORDS);
  const others = [...words.reduce((left, word) => left.replace(word, GAP), rest)].filter(
    (char) => char !== GAP,
  );
  const alphabet = Math.log2(alphabetOf(others));
  const ofOthers = others
    .map((char) => (/[0-9A-Za-z]/.test(char) ? alphabet : SEPARATORS.includes(char) ? 0 : SYMBOL_BITS))
    .reduce((sum, bits) => sum + bits, 0);
  return ofWords + ofOthers + repeats * REPEATED_BITS;
}

/** Letters of one case, the first in any. */
const LETTERS = /[A-Z]?[a-z]{2,}|[A-Z]{3,}/g;

/** Three quarters of the pairs of letters in English text; a sixth of those in random letters. */
const USUAL_PAIRS = new Set(
  (
    'th he in er an re nd on en at ou ed ha to or it is hi es ng ar te se st as me of le ve ra ri ro ic ne ea io ce li ll be ' +
    'ma si om ur ca el ta la ns di fo ho pe ec pr no ct us ac ot il tr ly nc et ut ss so rs un lo wa ge ie wh ee wi em ad ol ' +
    'rt po we na ul ni ts mo ow pa im mi ai sh ir su id os iv ia am fi ci vi pl ig tu ev ld ry mp fe bl ab gh ty op wo sa ay ' +
    'ex ke ey ac qu ck da bu up do de cm ap pi go'
  ).split(' '),
);

/** Nearly every word does, and few letters that were drawn. */
function soundsLikeAWord(letters: string): boolean {
  if (letters.length < 3) return false;
  const lower = letters.toLowerCase();
  const pairs = Array.from({ length: lower.length - 1 }, (_, at) => lower.slice(at, at + 2));
  return pairs.filter((pair) => USUAL_PAIRS.has(pair)).length > pairs.length / 2;
}

/** Stands where something was taken out: what is on its two sides is no word together. */
const GAP = '\0';
/** Shorter ones are chance. */
const SHORTEST_REPEAT = 3;

/** Takes out what repeats an earlier part of the key, or runs along the alphabet, the digits or a row of the keyboard. */
function withoutRepeats(key: string): { readonly rest: string; readonly repeats: number } {
  const lower = key.toLowerCase();
  let rest = '';
  let repeats = 0;
  for (let at = 0; at < key.length; ) {
    const length = Math.max(repeatAt(lower, at), runAt(lower, at));
    if (length < SHORTEST_REPEAT) {
      rest += key.charAt(at);
      at += 1;
    } else {
      rest += GAP;
      repeats += 1;
      at += length;
    }
  }
  return { rest, repeats };
}

/** How many characters from there on are the same as some that began before. */
function repeatAt(text: string, at: number): number {
  let longest = 0;
  for (let from = 0; from < at; from += 1) {
    let length = 0;
    while (at + length < text.length && text[from + length] === text[at + length]) length += 1;
    longest = Math.max(longest, length);
  }
  return longest;
}

function runAt(text: string, at: number): number {
  let longest = 0;
  for (const run of RUNS) {
    let length = SHORTEST_REPEAT;
    while (at + length <= text.length && run.includes(text.slice(at, at + length))) length += 1;
    longest = Math.max(longest, length - 1);
  }
  return longest;
}

/** How many letters and digits the key chooses among, as far as one sees. */
function alphabetOf(chars: readonly string[]): number {
  const text = chars.join('');
  const digits = /[0-9]/.test(text) ? 10 : 0;
  const lower = /[g-z]/.test(text) ? 26 : /[a-f]/.test(text) ? 6 : 0;
  const upper = /[G-Z]/.test(text) ? 26 : /[A-F]/.test(text) ? 6 : 0;
  return Math.max(2, digits + lower + upper);
}
