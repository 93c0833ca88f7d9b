/** What an answer's text says, as a value to decide by and as JSON text to pass on. */

export interface Said {
  /** Parsed JSON, else the text, else null where there was none. */
  readonly body: unknown;
  /** The same as JSON: the text byte for byte where it is JSON, else as a JSON string; null where there was none. */
  readonly json: string | null;
}

/** Deeper answers are not parsed: what walks them may have no stack left. Those that are documented have a depth of 4. */
const DEEPEST = 100;

/** @returns undefined for JSON that is nested too deep */
export function parseAnswer(text: string): Said | undefined {
  if (text === '') return { body: null, json: null };
  if (isTooDeep(text)) return undefined;
  try {
    return { body: JSON.parse(text), json: text };
  } catch {
    return { body: text, json: JSON.stringify(text) };
  }
}

/** One look at each character; of a text that is no JSON it says nothing of use. */
function isTooDeep(text: string): boolean {
  if (!/^\s*[[{]/.test(text)) return false;
  let depth = 0;
  for (let at = 0; at < text.length; at += 1) {
    switch (text[at]) {
      case '"':
        at = endOfString(text, at);
        break;
      case '[':
      case '{':
        depth += 1;
        if (depth > DEEPEST) return true;
        break;
      case ']':
      case '}':
        depth -= 1;
    }
  }
  return false;
}

/** @returns the place of its closing quote, or of the text's end */
function endOfString(text: string, from: number): number {
  let at = from + 1;
  while (at < text.length && text[at] !== '"') at += text[at] === '\\' ? 2 : 1;
  return at;
}
