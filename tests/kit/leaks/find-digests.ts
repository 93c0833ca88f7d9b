import { createHash } from 'node:crypto';
import type { Remains } from './forms-of.ts';

/** Digests that anybody can compute, and as much of them as a column or a key would keep at the least. */
const ALGORITHMS = ['md5', 'sha1', 'sha256', 'sha512'];
const HEX = { runs: /[0-9a-f]{32,}/gi, length: 32 };
const BASE64 = { runs: /[A-Za-z0-9+/_-]{16,}/g, length: 16 };

/**
 * Looks for plain digests of texts, however many texts there are: each place is read once.
 *
 * @returns a line for every text of which a digest is in a place
 */
export function findDigests(remains: Remains, texts: Readonly<Record<string, string>>): string[] {
  const hex = new Map<string, string>();
  const base64 = new Map<string, string>();
  for (const [name, text] of Object.entries(texts)) {
    for (const algorithm of ALGORITHMS) {
      const digest = createHash(algorithm).update(text).digest();
      const label = `${algorithm} of ${name}`;
      hex.set(digest.toString('hex').slice(0, HEX.length), label);
      base64.set(digest.toString('base64').slice(0, BASE64.length), label);
      base64.set(digest.toString('base64url').slice(0, BASE64.length), label);
    }
  }
  const found = new Set<string>();
  for (const [place, bytes] of remains) {
    const text = bytes.toString('latin1');
    for (const label of [...known(text, HEX, hex), ...known(text, BASE64, base64)])
      found.add(`${label} is in ${place}`);
  }
  return [...found];
}

function* known(
  text: string,
  { runs, length }: typeof HEX,
  digests: ReadonlyMap<string, string>,
): Generator<string> {
  for (const [run] of text.matchAll(runs)) {
    for (let at = 0; at + length <= run.length; at += 1) {
      const window = run.slice(at, at + length);
      const label = digests.get(window) ?? digests.get(window.toLowerCase());
      if (label !== undefined) yield label;
    }
  }
}
