/** From the bytes of an HTTP answer to its text: content codings undone within a bound, characters decoded. */
import { promisify } from 'node:util';
import zlib from 'node:zlib';

/** What the answer's headers say of its bytes. */
export interface AnswerHeaders {
  readonly contentEncoding: string | undefined;
  readonly contentType: string | undefined;
}

export type DecodedAnswer =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly why: 'answer_too_large' | 'answer_encoding' };

type Decompress = (bytes: Buffer, options: { maxOutputLength: number }) => Promise<Buffer>;

const inflate: Decompress = promisify(zlib.inflate);
const inflateRaw: Decompress = promisify(zlib.inflateRaw);
const gunzip: Decompress = promisify(zlib.gunzip);

/** By the names of RFC 9110, section 8.4.1. We ask for none of them; a server may encode all the same. */
const CODINGS: ReadonlyMap<string, Decompress> = new Map([
  ['identity', async (bytes) => bytes],
  ['gzip', gunzip],
  ['x-gzip', gunzip],
  ['br', promisify(zlib.brotliDecompress)],
  // Meant is the zlib format; some servers send bare DEFLATE under this name.
  ['deflate', (bytes, options) => (isZlib(bytes) ? inflate : inflateRaw)(bytes, options)],
  ...zstd(),
]);

/** Node has zstd from 22.15 on; before that an answer in it cannot be read. */
function zstd(): [string, Decompress][] {
  const { zstdDecompress } = zlib as { zstdDecompress?: typeof zlib.gunzip };
  return typeof zstdDecompress === 'function' ? [['zstd', promisify(zstdDecompress)]] : [];
}

/** One coding is usual; a long list is an attack. */
const MOST_CODINGS = 3;

/** Never throws. @param maxBytes of the answer once it is decompressed, and after each step on the way there */
export async function decodeAnswer(
  bytes: Buffer,
  headers: AnswerHeaders,
  maxBytes: number,
): Promise<DecodedAnswer> {
  const names = (headers.contentEncoding ?? '').split(',').map((name) => name.trim().toLowerCase());
  const codings = names.filter((name) => name !== '').reverse();
  if (codings.length > MOST_CODINGS) return { ok: false, why: 'answer_encoding' };
  let plain = bytes;
  for (const coding of codings) {
    const decompress = CODINGS.get(coding);
    if (decompress === undefined) return { ok: false, why: 'answer_encoding' };
    // An answer without a body says how it would have been encoded.
    if (plain.length === 0) break;
    try {
      plain = await decompress(plain, { maxOutputLength: maxBytes });
    } catch (error) {
      const tooLarge = error instanceof Error && 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE';
      return { ok: false, why: tooLarge ? 'answer_too_large' : 'answer_encoding' };
    }
  }
  return { ok: true, text: textOf(plain, headers.contentType) };
}

/** RFC 1950: the method is DEFLATE, and the first two bytes are a multiple of 31. */
function isZlib(bytes: Buffer): boolean {
  return bytes.length >= 2 && ((bytes[0] ?? 0) & 0x0f) === 8 && bytes.readUInt16BE(0) % 31 === 0;
}

const CHARSET = /;\s*charset\s*=\s*"?([^\s;"]+)/i;

/** A byte order mark goes before the charset that is named; it is no part of the text. */
function textOf(bytes: Buffer, contentType: string | undefined): string {
  const charset = unicodeOf(bytes) ?? CHARSET.exec(contentType ?? '')?.[1] ?? '';
  return (
    (charset === '' ? undefined : tryDecode(bytes, charset, false)) ??
    tryDecode(bytes, 'utf-8', true) ??
    // Not UTF-8, and nothing is said: the oldest default of HTTP, under which every byte is a character.
    new TextDecoder('windows-1252').decode(bytes)
  );
}

/** @returns undefined for a charset that nobody knows, and where `fatal` for bytes that are not in it */
function tryDecode(bytes: Buffer, charset: string, fatal: boolean): string | undefined {
  try {
    return new TextDecoder(charset, { fatal }).decode(bytes);
  } catch {
    return undefined;
  }
}

/** By the byte order mark; UTF-16 also by the zero byte beside the ASCII character that JSON and HTML begin with. */
function unicodeOf(bytes: Buffer): 'utf-8' | 'utf-16le' | 'utf-16be' | undefined {
  const [first, second, third] = bytes;
  if (first === undefined || second === undefined) return undefined;
  if (first === 0xef && second === 0xbb && third === 0xbf) return 'utf-8';
  if ((first === 0xff && second === 0xfe) || (first !== 0 && second === 0)) return 'utf-16le';
  if ((first === 0xfe && second === 0xff) || (first === 0 && second !== 0)) return 'utf-16be';
  return undefined;
}
