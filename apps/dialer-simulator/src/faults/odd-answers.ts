/** The normal response in an odd form: encoded, with other members, or far too large. */
import zlib from 'node:zlib';
import type { AnswerFault } from './fault-kinds.ts';

type Fault<Kind extends AnswerFault['kind']> = Extract<AnswerFault, { kind: Kind }>;

export interface EncodedBody {
  /** The value of `Content-Encoding`. */
  readonly coding: string;
  readonly body: Buffer;
}

const BOMB_BYTES = 64 * 1024 * 1024;

export function encode(json: string, coding: Fault<'encoded'>['coding']): EncodedBody {
  switch (coding) {
    case 'gzip':
      return { coding, body: zlib.gzipSync(json) };
    case 'br':
      return { coding, body: zlib.brotliCompressSync(json) };
    case 'deflate':
      return { coding, body: zlib.deflateSync(json) };
    case 'rawDeflate':
      return { coding: 'deflate', body: zlib.deflateRawSync(json) };
    case 'unknown':
      return { coding: 'x-simulated', body: Buffer.from(json).reverse() };
    case 'bomb':
      return { coding: 'gzip', body: zlib.gzipSync(Buffer.alloc(BOMB_BYTES, ' ')) };
  }
}

/** @param good an object, or for a read-back also the list of found leads */
export function bloat(good: unknown, { form, count }: Fault<'bloated'>): string {
  switch (form) {
    case 'nested':
      // As text, because JSON.stringify would overflow the stack.
      return JSON.stringify(withMembers(good, { nested: 0 })).replace(
        /"nested":0/,
        `"nested":${'['.repeat(count)}${']'.repeat(count)}`,
      );
    case 'rows':
      return JSON.stringify(
        withMembers(good, { rejectedRows: Array(count).fill({ message: 'no', rowData: ['(not shown)'] }) }),
      );
    case 'members':
      return JSON.stringify(
        withMembers(good, Object.fromEntries(Array.from({ length: count }, (_, n) => [`m${n}`, n]))),
      );
    case 'text':
      return JSON.stringify(withMembers(good, { text: 'x'.repeat(count) }));
  }
}

/** In a list of leads, the members become a row of their own. */
export function withMembers(good: unknown, members: Readonly<Record<string, unknown>>): unknown {
  return Array.isArray(good) ? [...good, members] : { ...Object(good), ...members };
}
