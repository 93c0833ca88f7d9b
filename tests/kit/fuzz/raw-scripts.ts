import fc from 'fast-check';
import type { Caller } from './callers.ts';
import { aim, phones } from './request-bodies.ts';
import { type Schema, valuesOf } from './schema-values.ts';

/** Bytes for a connection of their own, and how its client goes on then. */
export interface RawScript {
  readonly kind: string;
  readonly bytes: Buffer;
  /** `wait`: sends nothing more until it has been answered. `finish`: says at once that nothing more comes. `vanish`: closes at once. */
  readonly ending: 'wait' | 'finish' | 'vanish';
  /** Answers that it must get, in this order, and before whatever else; a script that waits gets one at least. */
  readonly expected: readonly number[];
  /** Of a lead whose caller never gets to know about it. */
  readonly phone: string | undefined;
}

/** A client that is cut off, slow, greedy or hostile, below HTTP. @param body the schema of a lead that can be taken */
export function rawScripts(body: Schema, caller: Caller): fc.Arbitrary<RawScript> {
  const lead = fc.tuple(valuesOf(body), phones).map(([value, phone]) => {
    const text = Buffer.from(JSON.stringify(aim(value, caller, phone)));
    return { phone, bytes: Buffer.concat([headOf(caller, text.length), text]) };
  });
  const whole = lead.map(({ bytes }) => bytes);
  const script = (kind: string, bytes: fc.Arbitrary<Buffer>, ending: RawScript['ending'] = 'finish') =>
    bytes.map((all): RawScript => ({ kind, bytes: all, ending, expected: [], phone: undefined }));

  return fc.oneof(
    { arbitrary: script('cut', cutOf(whole)), weight: 4 },
    { arbitrary: script('stained', stainedOf(whole), 'wait'), weight: 6 },
    { arbitrary: script('stained head', stainedOf(fc.constant(headOf(caller, 0)))), weight: 3 },
    {
      arbitrary: script(
        'noise',
        fc.uint8Array({ minLength: 1, maxLength: 400 }).map((all) => Buffer.from(all)),
      ),
      weight: 2,
    },
    { arbitrary: script('odd framing', oddFraming(caller)), weight: 4 },
    { arbitrary: script('large head', largeHeads(caller)), weight: 2 },
    { arbitrary: pipelined(whole), weight: 3 },
    { arbitrary: script('slow', cutOf(whole), 'wait'), weight: 1 },
    {
      arbitrary: lead.map(
        ({ bytes, phone }): RawScript => ({ kind: 'vanished', bytes, ending: 'vanish', expected: [], phone }),
      ),
      weight: 1,
    },
  );
}

function headOf({ authorization }: Caller, length: number | string, ...more: readonly string[]): Buffer {
  const lines = [
    'POST /live-feed/ringcx HTTP/1.1',
    'host: fuzz',
    `authorization: ${authorization}`,
    'content-type: application/json',
    ...(length === '' ? [] : [`content-length: ${length}`]),
    ...more,
  ];
  return Buffer.from(`${lines.join('\r\n')}\r\n\r\n`);
}

/** Never whole: the last byte at least is missing. */
function cutOf(whole: fc.Arbitrary<Buffer>): fc.Arbitrary<Buffer> {
  return fc.tuple(whole, fc.nat()).map(([bytes, at]) => bytes.subarray(0, 1 + (at % (bytes.length - 1))));
}

/** With a few bytes changed, put in, or taken out. */
function stainedOf(whole: fc.Arbitrary<Buffer>): fc.Arbitrary<Buffer> {
  const bytes = fc.oneof(
    fc.constantFrom(0x00, 0x09, 0x0a, 0x0d, 0x20, 0x3a, 0x7f, 0x80, 0xff),
    fc.integer({ min: 0, max: 255 }),
  );
  const stains = fc.array(fc.tuple(fc.nat(), fc.constantFrom(0, 1, 2), bytes), {
    minLength: 1,
    maxLength: 3,
  });
  return fc.tuple(whole, stains).map(([start, all]) =>
    all.reduce((text, [at, kind, byte]) => {
      const place = at % (text.length + 1);
      const after = text.subarray(kind === 1 ? place : place + 1);
      return Buffer.concat([text.subarray(0, place), kind === 2 ? Buffer.alloc(0) : Buffer.of(byte), after]);
    }, start),
  );
}

/** What proxies and servers have disagreed about before. */
function oddFraming(caller: Caller): fc.Arbitrary<Buffer> {
  const heads = [
    ...[
      '-1',
      '+5',
      '0x5',
      '5,5',
      '99999999999999999999999',
      '1e3',
      ' ',
      '5 5',
      '00000000000000000000005',
    ].map((length) => headOf(caller, length)),
    ...[
      'chunked',
      'chunked, identity',
      'identity',
      'xchunked',
      ' chunked',
      'chunked\r\n chunked',
      '\x0bchunked',
    ].flatMap((coding) => [
      headOf(caller, '', `transfer-encoding: ${coding}`),
      headOf(caller, 5, `transfer-encoding: ${coding}`),
    ]),
    headOf(caller, 5, 'content-length: 6'),
    headOf(caller, 5, 'host: other'),
    Buffer.from('GET /healthz HTTP/1.1\nhost: fuzz\n\n'),
    Buffer.from('GET /healthz HTTP/1.0\r\n\r\n'),
    Buffer.from('GET /healthz\r\n\r\n'),
    Buffer.from('GET /healthz HTTP/2.0\r\nhost: fuzz\r\n\r\n'),
    Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'),
    Buffer.from('OPTIONS * HTTP/1.1\r\nhost: fuzz\r\n\r\n'),
    Buffer.from('GET http://elsewhere.example/healthz HTTP/1.1\r\nhost: fuzz\r\n\r\n'),
    Buffer.from('GET /healthz HTTP/1.1\r\nhost: fuzz\r\nconnection: upgrade\r\nupgrade: h2c\r\n\r\n'),
    Buffer.from('POST /live-feed/ringcx HTTP/1.1\r\nhost: fuzz\r\n folded: x\r\n\r\n'),
  ];
  const tails = [
    '{}',
    '0\r\n\r\n',
    '5\r\n{"a":\r\n0\r\n\r\n',
    `${'f'.repeat(17)}\r\n`,
    `5;${'x'.repeat(20_000)}\r\n`,
    '1\r\n{\r\n0\r\nx: y\r\n\r\n',
  ];
  return fc
    .tuple(fc.constantFrom(...heads), fc.constantFrom('', ...tails))
    .map(([head, tail]) => Buffer.concat([head, Buffer.from(tail)]));
}

function largeHeads(caller: Caller): fc.Arbitrary<Buffer> {
  return fc.constantFrom(
    headOf(caller, 0, `x-large: ${'x'.repeat(15_000)}`),
    headOf(caller, 0, `x-large: ${'x'.repeat(100_000)}`),
    headOf(caller, 0, `${'x'.repeat(20_000)}: y`),
    headOf(caller, 0, ...Array.from({ length: 3_000 }, (_, n) => `x${n}:`)),
    headOf(caller, 0, ...Array.from({ length: 1_000 }, (_, n) => `x${n}:y`)),
    Buffer.from(`GET /${'x'.repeat(100_000)} HTTP/1.1\r\nhost: fuzz\r\n\r\n`),
  );
}

/** Several requests at once; each is answered, in their order. */
function pipelined(whole: fc.Arbitrary<Buffer>): fc.Arbitrary<RawScript> {
  const parts = fc.oneof(
    whole.map((bytes) => ({ bytes, status: 200 })),
    fc.constant({ bytes: Buffer.from('GET /healthz HTTP/1.1\r\nhost: fuzz\r\n\r\n'), status: 200 }),
    fc.constant({ bytes: Buffer.from('GET /nowhere HTTP/1.1\r\nhost: fuzz\r\n\r\n'), status: 404 }),
    fc.constant({ bytes: Buffer.from('GET /live-feed/leads HTTP/1.1\r\nhost: fuzz\r\n\r\n'), status: 401 }),
  );
  return fc.array(parts, { minLength: 2, maxLength: 8 }).map((all) => ({
    kind: 'pipelined',
    bytes: Buffer.concat(all.map(({ bytes }) => bytes)),
    ending: 'wait',
    expected: all.map(({ status }) => status),
    phone: undefined,
  }));
}
