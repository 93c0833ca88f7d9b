/** The text of a file as spreadsheet programs save it. */

const SEPARATORS = [',', ';', '\t', '|'] as const;

/** The line that tells Excel the separator of the file. */
const SEPARATOR_LINE = /^sep=(.)[ \t,;|]*(?:\r\n|\r|\n)/i;

/** UTF-8, UTF-16 with a byte order mark (Excel's "Unicode text"), else Windows' Western code page (Excel's "CSV"). */
export function decodeSpreadsheet(bytes: Buffer): string {
  const [first, second] = bytes;
  if (first === 0xff && second === 0xfe) return new TextDecoder('utf-16le').decode(bytes);
  if (first === 0xfe && second === 0xff) return new TextDecoder('utf-16be').decode(bytes);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return new TextDecoder('windows-1252').decode(bytes);
  }
}

export interface Layout {
  readonly separator: string;
  /** 1, or 2 after a line that names the separator. */
  readonly firstLine: number;
}

/** The separator that the file names, otherwise the most frequent one in its first line. */
export function layoutOf(text: string): Layout {
  const named = SEPARATOR_LINE.exec(text)?.[1];
  if (named !== undefined) return { separator: named, firstLine: 2 };
  const [, header = ''] = /^\s*([^\r\n]*)/.exec(text) ?? [];
  const unquoted = header.replaceAll(/"[^"]*"/g, '');
  const count = (separator: string) => unquoted.split(separator).length;
  const separator = SEPARATORS.reduce((best, each) => (count(each) > count(best) ? each : best));
  return { separator, firstLine: 1 };
}

/** A cell's value. Of `="3055550100"` and `'3055550100`, which only keep a number as text, it is the text. */
export function cellText(cell: string): string {
  const text = cell.trim();
  const [, kept] = /^="(.*)"$/s.exec(text) ?? /^'(.*)$/s.exec(text) ?? [];
  return (kept ?? text).trim();
}
