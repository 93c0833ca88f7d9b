/** Answers as servers really send them: encoded unasked, in other character sets, too large, too deep. Over real sockets. */
import type { Socket } from 'node:net';
import zlib from 'node:zlib';
import { describe, expect, it } from 'vitest';
import type { UploadResult } from '../lead-loader.ts';
import type { LoaderOptions } from '../lead-loaders.ts';
import { startRawServer } from '../testing/raw-server.ts';
import { ACCEPTED, accountAt, testLoader, UPLOAD } from '../testing/upload.ts';

const JSON_TEXT = JSON.stringify(ACCEPTED);
const TYPE = 'content-type: application/json';

function send(socket: Socket, body: Buffer, headers: readonly string[]): void {
  const head = ['HTTP/1.1 200 OK', `content-length: ${body.length}`, ...headers];
  socket.write(Buffer.concat([Buffer.from(`${head.join('\r\n')}\r\n\r\n`), body]));
}

async function answered(
  body: Buffer | string,
  headers: readonly string[] = [TYPE],
  options: LoaderOptions = {},
): Promise<UploadResult> {
  const server = await startRawServer({ onRequest: (socket) => send(socket, Buffer.from(body), headers) });
  return testLoader(options).upload(accountAt(server.port), UPLOAD, () => true);
}

const TAKEN = { kind: 'answered', json: JSON_TEXT };

describe('an answer that is encoded unasked', () => {
  it('is asked for plain', async () => {
    const server = await startRawServer({ onRequest: (socket) => send(socket, Buffer.from(JSON_TEXT), []) });
    await testLoader().upload(accountAt(server.port), UPLOAD, () => true);
    expect((await server.connection(0)).received).toMatch(/^accept-encoding: identity\r$/im);
  });

  const twice = zlib.brotliCompressSync(zlib.gzipSync(JSON_TEXT));
  it.each<[string, Buffer]>([
    ['gzip', zlib.gzipSync(JSON_TEXT)],
    ['x-gzip', zlib.gzipSync(JSON_TEXT)],
    ['GZIP', zlib.gzipSync(JSON_TEXT)],
    ['br', zlib.brotliCompressSync(JSON_TEXT)],
    ['deflate', zlib.deflateSync(JSON_TEXT)],
    ['deflate', zlib.deflateRawSync(JSON_TEXT)],
    ['identity', Buffer.from(JSON_TEXT)],
    ['', Buffer.from(JSON_TEXT)],
    ['gzip, br', twice],
  ])('%s is read', async (coding, body) => {
    expect(await answered(body, [TYPE, `content-encoding: ${coding}`])).toMatchObject(TAKEN);
  });

  it('zstd is read where Node can, and leaves it unknown elsewhere', async () => {
    // What zstd's own tool makes of `{"leadsAccepted":1}`: one raw block, no checksum.
    const sent = '{"leadsAccepted":1}';
    const frame = Buffer.concat([Buffer.from('28b52ffd2013990000', 'hex'), Buffer.from(sent)]);
    const expected =
      'zstdDecompress' in zlib
        ? { kind: 'answered', json: sent }
        : { kind: 'unknown', reason: 'answer in an encoding that cannot be read' };
    expect(await answered(frame, [TYPE, 'content-encoding: zstd'])).toMatchObject(expected);
  });

  it.each<[string, Buffer]>([
    ['compress', zlib.gzipSync(JSON_TEXT)],
    ['snappy', Buffer.from(JSON_TEXT)],
    ['gzip', Buffer.from(JSON_TEXT)],
    ['gzip', zlib.gzipSync(JSON_TEXT).subarray(0, 20)],
    ['br', Buffer.from([0xff, 0xff])],
    ['gzip, gzip, gzip, gzip', zlib.gzipSync(zlib.gzipSync(zlib.gzipSync(zlib.gzipSync(JSON_TEXT))))],
  ])('%s that cannot be undone leaves it unknown', async (coding, body) => {
    expect(await answered(body, [TYPE, `content-encoding: ${coding}`])).toEqual({
      kind: 'unknown',
      reason: 'answer in an encoding that cannot be read',
      unreadable: true,
      httpStatus: 200,
      json: null,
    });
  });

  it.each<[string, Buffer]>([
    ['gzip', zlib.gzipSync(Buffer.alloc(64 * 1024 * 1024, ' '))],
    [
      'br',
      zlib.brotliCompressSync(Buffer.alloc(8 * 1024 * 1024, ' '), {
        params: { [zlib.constants.BROTLI_PARAM_QUALITY]: 1 },
      }),
    ],
    ['deflate', zlib.deflateSync(Buffer.alloc(8 * 1024 * 1024, ' '))],
    ['gzip, gzip', zlib.gzipSync(zlib.gzipSync(Buffer.alloc(64 * 1024 * 1024, ' ')))],
  ])('%s that unpacks to more than the bound leaves it unknown', async (coding, body) => {
    expect(body.length).toBeLessThan(100_000);
    expect(await answered(body, [TYPE, `content-encoding: ${coding}`])).toMatchObject({
      kind: 'unknown',
      reason: 'answer too large',
    });
  });
});

describe('an answer in another character set', () => {
  const named = { ...ACCEPTED, message: 'Zoë — “ok”' };
  const text = JSON.stringify(named);
  const le = Buffer.from(text, 'utf16le');
  const be = Buffer.from(le).swap16();
  const latin = JSON.stringify({ ...ACCEPTED, message: 'Zoë' });

  it.each<[string, Buffer, string, string]>([
    ['UTF-8', Buffer.from(text), TYPE, text],
    ['UTF-8 without a content type', Buffer.from(text), 'x: y', text],
    ['UTF-8 under another content type', Buffer.from(text), 'content-type: text/html', text],
    ['UTF-8 with a byte order mark', Buffer.from(`\ufeff${text}`), TYPE, text],
    [
      'UTF-8 with a byte order mark, called latin1',
      Buffer.from(`\ufeff${text}`),
      `${TYPE}; charset=latin1`,
      text,
    ],
    ['UTF-16LE with a byte order mark', Buffer.concat([Buffer.from([0xff, 0xfe]), le]), TYPE, text],
    ['UTF-16BE with a byte order mark', Buffer.concat([Buffer.from([0xfe, 0xff]), be]), TYPE, text],
    ['UTF-16LE by its name', le, `${TYPE}; charset="utf-16le"`, text],
    ['UTF-16BE by its name', be, `${TYPE};charset=UTF-16BE`, text],
    ['UTF-16 of which nothing is said', le, TYPE, text],
    ['latin1 by its name', Buffer.from(latin, 'latin1'), `${TYPE}; charset=iso-8859-1`, latin],
    ['latin1 of which nothing is said', Buffer.from(latin, 'latin1'), TYPE, latin],
    ['UTF-8 by a name that nobody knows', Buffer.from(text), `${TYPE}; charset=klingon`, text],
  ])('%s', async (_case, bytes, header, expected) => {
    expect(await answered(bytes, [header])).toMatchObject({
      kind: 'answered',
      json: expected,
    });
  });
});

it('an answer in many chunks is read', async () => {
  const chunks = [...JSON_TEXT].map((character) => `1\r\n${character}\r\n`).join('');
  const server = await startRawServer({
    onRequest: (socket) =>
      socket.write(`HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n${chunks}0\r\n\r\n`),
  });
  expect(await testLoader().upload(accountAt(server.port), UPLOAD, () => true)).toMatchObject(TAKEN);
});

describe('JSON is passed on byte for byte', () => {
  it.each([
    '{"leadsAccepted":1,"id":9007199254740993,"score":1.0,"zero":-0,"huge":1e400,"tiny":1E-400}',
    ' {\r\n\t"leadsAccepted" : 1 } \n',
    '{"b":1,"leadsAccepted":1,"a":2,"10":3,"2":4}',
    '{"leadsAccepted":1,"twice":1,"twice":2}',
    '{"leadsAccepted":1,"text":"\\u0041\\/\\ud800 \u2028\u2029 \u007f"}',
    '{"leadsAccepted":1,"__proto__":{"leadsAccepted":0},"constructor":null,"toString":1}',
    '{"leadsAccepted":1.0}',
  ])('%j', async (sent) => {
    expect(await answered(sent)).toMatchObject({ kind: 'answered', json: sent });
  });

  it('and what is no JSON becomes a JSON string', async () => {
    expect(await answered('leads "accepted"')).toMatchObject({
      kind: 'unknown',
      json: '"leads \\"accepted\\""',
    });
  });
});

describe('an answer beyond all bounds leaves it unknown', () => {
  const members = (count: number) =>
    Array.from({ length: count }, (_, n) => `,"${n.toString(36)}":0`).join('');
  const nested = (depth: number) => `{"leadsAccepted":1,"more":${'['.repeat(depth)}${']'.repeat(depth)}}`;

  it.each<[string, string, string]>([
    ['nested too deep in a member that nobody reads', nested(10_000), 'answer nested too deep'],
    ['objects nested too deep', `${'{"a":'.repeat(10_000)}1${'}'.repeat(10_000)}`, 'answer nested too deep'],
    ['nested too deep behind blanks', ` \n${nested(100)}`, 'answer nested too deep'],
    ['more than 1 MiB', `{"leadsAccepted":1,"text":"${'x'.repeat(1_048_576)}"}`, 'answer too large'],
    [
      'more rows than are looked at',
      `{"leadsAccepted":1,"rejectedRows":[${'{},'.repeat(20_000)}{}]}`,
      'HTTP 200 with an unreadable body',
    ],
  ])('%s', async (_case, sent, reason) => {
    expect(await answered(sent)).toMatchObject({ kind: 'unknown', reason, httpStatus: 200 });
  });

  it.each<[string, string]>([
    ['as deep as may be', nested(99)],
    ['brackets in texts', `{"leadsAccepted":1,"text":"${'[{\\"'.repeat(1_000)}"}`],
    ['a text that ends in a backslash', `{"leadsAccepted":1,"text":"${'['.repeat(200)}\\\\","more":[]}`],
    ['many arrays beside one another', `{"leadsAccepted":1,"more":[${'[],'.repeat(50_000)}[]]}`],
    ['100,000 members', `{"leadsAccepted":1${members(100_000)}}`],
    ['a text of almost 1 MiB', `{"leadsAccepted":1,"text":"${'x'.repeat(1_048_000)}"}`],
  ])('but not %s', async (_case, sent) => {
    const result = await answered(sent);
    expect(result.kind === 'answered' && result.json === sent).toBe(true);
  });
});

it('a search may have a longer answer than an upload, and finds its leads in it', async () => {
  const rows = [{ externId: 'lead-1', note: 'x'.repeat(3_000_000) }];
  const server = await startRawServer({
    onRequest: (socket) =>
      send(socket, zlib.gzipSync(JSON.stringify(rows)), [TYPE, 'content-encoding: gzip']),
  });
  const found = await testLoader().readBack(accountAt(server.port), '77', ['lead-1'], async () => true);
  expect(found).toMatchObject({ kind: 'found', externIds: ['lead-1'] });
});

it.each([
  [
    'nested too deep',
    `[{"externId":"x","a":${'['.repeat(10_000)}${']'.repeat(10_000)}}]`,
    'answer nested too deep',
  ],
  ['too large', `[${'{},'.repeat(1_500_000)}{}]`, 'answer too large'],
])('a search whose answer is %s has failed, and does not throw', async (_case, sent, reason) => {
  const server = await startRawServer({ onRequest: (socket) => send(socket, Buffer.from(sent), [TYPE]) });
  const result = await testLoader().readBack(accountAt(server.port), '77', ['lead-1'], async () => true);
  expect(result).toEqual({ kind: 'failed', reason });
});
