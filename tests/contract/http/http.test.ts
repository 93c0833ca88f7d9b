import { METHODS } from 'node:http';
import { MOST_UNDER_WAY } from '@live-feed/ingress/http/bound-pipelining';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  type Answer,
  callIngress,
  EXAMPLE,
  leadNumber,
  misbehave,
  post,
  simulator,
} from '../../kit/http/client.ts';
import { connectRaw, type RawConnection } from '../../kit/http/raw-http.ts';
import { useDatabase } from '../../kit/services/database.ts';
import { useRedis } from '../../kit/services/redis.ts';
import { addCompany } from '../../kit/system/company.ts';
import { type System, startSystem } from '../../kit/system/system.ts';

/** What is wrong with a request as HTTP: the right status, in the shape of every other error, and never a 500. */

const database = useDatabase();
const redis = useRedis();
let system: System;
let url: string;
const connections: RawConnection[] = [];

beforeAll(async () => {
  system = await startSystem({
    databaseUrl: database.url,
    redisUrl: redis.url,
    environment: { INGRESS_REQUEST_TIMEOUT_MS: '1000' },
  });
  url = system.ingresses[0]?.url ?? '';
});
afterAll(async () => {
  for (const connection of connections) connection.destroy();
  await system?.stop();
});

const PATH = '/live-feed/ringcx';
const BODY = JSON.stringify(EXAMPLE);

async function raw(): Promise<RawConnection> {
  const connection = await connectRaw(url);
  connections.push(connection);
  return connection;
}

/** The head of a POST that only needs its body. */
function head(length: number, ...more: string[]): string[] {
  return [
    `POST ${PATH} HTTP/1.1`,
    'host: test',
    `authorization: Bearer ${system.seeded.keys.ringcx}`,
    'content-type: application/json',
    `content-length: ${length}`,
    ...more,
  ];
}

function expectError(answer: Answer, status: number, code: string): void {
  expect(answer).toMatchObject({
    status,
    body: {
      success: false,
      message: expect.stringMatching(/\.$/),
      code,
      retryable: expect.any(Boolean),
      requestId: answer.headers.get('x-request-id'),
    },
  });
}

describe('the body', () => {
  test.each([
    ['cut JSON', '{"campaignId":'],
    ['JSON with a comment', '{} // lead'],
    ['two documents', '{}{}'],
    ['a form', 'campaignId=1&leadPhone=5551234567'],
    ['nothing', ''],
    ['NaN', '{"campaignId":NaN}'],
  ])('%s: 400 MALFORMED_JSON', async (_case, body) => {
    expectError(await post(system, body), 400, 'MALFORMED_JSON');
  });

  test.each([
    ['an invalid byte', [0xff]],
    ['an overlong form', [0xc0, 0xaf]],
    ['half a surrogate pair', [0xed, 0xa0, 0x80]],
    ['a cut sequence', [0xe2, 0x82]],
    ['Latin-1', [0x5a, 0x6f, 0xeb]],
  ])('%s is no UTF-8: 400, not a mangled name', async (_case, bytes) => {
    const [before, after] = BODY.split('Jane');
    const body = Buffer.concat([Buffer.from(`${before}`), Buffer.from(bytes), Buffer.from(`${after}`)]);
    const connection = await raw();
    connection.send(head(body.length));
    connection.send(body);
    expectError(await connection.answer(), 400, 'MALFORMED_JSON');
  });

  test('65,536 bytes are taken, one more is 413', async () => {
    const padded = (bytes: number) => BODY + ' '.repeat(bytes - BODY.length);
    expect((await post(system, padded(65_536))).status).toBe(200);
    expectError(await post(system, padded(65_537)), 413, 'BODY_TOO_LARGE');
  });

  test('a client that sends megabytes gets to read the 413', async () => {
    expectError(await post(system, 'x'.repeat(10_000_000)), 413, 'BODY_TOO_LARGE');
  });

  test('too large in chunks, without a length: 413', async () => {
    const connection = await raw();
    connection.send([
      ...head(0).filter((line) => !line.startsWith('content-length')),
      'transfer-encoding: chunked',
    ]);
    const chunk = 'x'.repeat(0x4000);
    for (let n = 0; n < 5; n += 1) connection.send(`4000\r\n${chunk}\r\n`);
    expectError(await connection.answer(), 413, 'BODY_TOO_LARGE');
  });

  test('chunks that are right are taken', async () => {
    const connection = await raw();
    connection.send([
      ...head(0).filter((line) => !line.startsWith('content-length')),
      'transfer-encoding: chunked',
    ]);
    for (const part of [BODY.slice(0, 7), BODY.slice(7)]) {
      connection.send(`${part.length.toString(16)}\r\n${part}\r\n`);
    }
    connection.send('0\r\n\r\n');
    expect((await connection.answer()).status).toBe(200);
  });

  test.each([
    'text/plain',
    'application/x-www-form-urlencoded',
    'text/json',
    'application/jsonp',
    'json',
    ';',
  ])('Content-Type %s: 415', async (type) => {
    expectError(
      await post(system, BODY, { headers: { 'content-type': type } }),
      415,
      'UNSUPPORTED_MEDIA_TYPE',
    );
  });

  test('no Content-Type at all: 415', async () => {
    const connection = await raw();
    connection.send(head(BODY.length).filter((line) => !line.startsWith('content-type')));
    connection.send(BODY);
    expectError(await connection.answer(), 415, 'UNSUPPORTED_MEDIA_TYPE');
  });

  test.each(['application/json; charset=utf-8', 'Application/JSON'])(
    'Content-Type %s is taken',
    async (type) => {
      expect((await post(system, BODY, { headers: { 'content-type': type } })).status).toBe(200);
    },
  );

  test('a compressed one: 415', async () => {
    const headers = { 'content-encoding': 'gzip' };
    expectError(await post(system, BODY, { headers }), 415, 'UNSUPPORTED_MEDIA_TYPE');
  });

  test('one that ends before its length: 400', async () => {
    const connection = await raw();
    connection.send(head(BODY.length));
    connection.send(BODY.slice(0, -10));
    connection.finish();
    expectError(await connection.answer(), 400, 'MALFORMED_REQUEST');
    expect(await connection.closed()).toEqual([]);
  });

  test('a connection that ends after a refusal says so, so that nobody sends another lead on it', async () => {
    const connection = await raw();
    const [, ...lines] = head(BODY.length, 'expect: 100-continue');
    connection.send([`PUT ${PATH} HTTP/1.1`, ...lines]);
    const answer = await connection.answer();
    expectError(answer, 405, 'METHOD_NOT_ALLOWED');
    expect(answer.headers.get('connection')).toBe('close');
    expect(await connection.closed()).toEqual([]);
  });

  test('one whose caller hangs up in the middle takes nothing', async () => {
    const leads = await system.database.lead.count();
    const connection = await raw();
    connection.send(head(BODY.length));
    connection.send(BODY.slice(0, -10));
    connection.destroy();
    await connection.closed();
    expect((await post(system, EXAMPLE)).status).toBe(200);
    expect(await system.database.lead.count()).toBe(leads + 1);
  });
});

describe('method and path', () => {
  const refusable = METHODS.filter((method) => !['POST', 'CONNECT', 'HEAD'].includes(method));

  test.each(refusable)('%s: 405 with Allow, without a key and whatever the body', async (method) => {
    const connection = await raw();
    connection.send([
      `${method} ${PATH} HTTP/1.1`,
      'host: test',
      'content-type: text/xml',
      'content-length: 1',
    ]);
    connection.send('<');
    const answer = await connection.answer();
    expectError(answer, 405, 'METHOD_NOT_ALLOWED');
    expect(answer.headers.get('allow')).toBe('POST');
  });

  test('HEAD: the same without a body', async () => {
    const answer = await callIngress(url, PATH, { method: 'HEAD' });
    expect(answer).toMatchObject({ status: 405, body: null });
    expect(answer.headers.get('allow')).toBe('POST');
  });

  test('CONNECT, as if we were a proxy: 405', async () => {
    const connection = await raw();
    connection.send(['CONNECT dialer.example:443 HTTP/1.1', 'host: dialer.example:443']);
    expectError(await connection.answer(), 405, 'METHOD_NOT_ALLOWED');
    expect(await connection.closed()).toEqual([]);
  });

  test('of the other paths too', async () => {
    const answer = await callIngress(url, '/readyz', { method: 'POST', body: '{' });
    expectError(answer, 405, 'METHOD_NOT_ALLOWED');
    expect(answer.headers.get('allow')).toBe('GET, HEAD');
  });

  test.each([
    '/',
    '/live-feed',
    '/live-feed/ringcx/',
    '/live-feed/RINGCX',
    '/live-feed/newbridge',
    '/x?y=%zz',
  ])('%s: 404, whatever the body', async (path) => {
    for (const method of ['GET', 'POST']) {
      const init =
        method === 'POST' ? { method, body: '{"cut', headers: { 'content-type': 'x/y' } } : { method };
      expectError(await callIngress(url, path, init), 404, 'NOT_FOUND');
    }
  });

  test.each(['/%', '/live-feed/%zz', '/%c0%ae'])('%s cannot be decoded: 400', async (path) => {
    expectError(await callIngress(url, path), 400, 'MALFORMED_REQUEST');
  });

  test('the whole URL in the request line, as proxies write it', async () => {
    const connection = await raw();
    const [, ...lines] = head(BODY.length);
    connection.send([`POST http://live-feed.example${PATH} HTTP/1.1`, ...lines]);
    connection.send(BODY);
    expect((await connection.answer()).status).toBe(200);
  });
});

describe('what is no HTTP/1.1', () => {
  test.each([
    ['nonsense', 'hello\r\n\r\n'],
    ['TLS', Buffer.from('16030100a5010000a10303', 'hex')],
    ['another version', `POST ${PATH} HTTP/9.9\r\nhost: test\r\n\r\n`],
    ['an unknown method', `LEAD ${PATH} HTTP/1.1\r\nhost: test\r\n\r\n`],
    ['a space in a header name', `POST ${PATH} HTTP/1.1\r\nhost : test\r\n\r\n`],
    ['a NUL in a header', `POST ${PATH} HTTP/1.1\r\nhost: te\0st\r\n\r\n`],
    ['a length that is none', `POST ${PATH} HTTP/1.1\r\nhost: test\r\ncontent-length: x\r\n\r\n`],
    ['two lengths', `POST ${PATH} HTTP/1.1\r\nhost: test\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n`],
    [
      'a length and chunks, as requests are smuggled',
      `POST ${PATH} HTTP/1.1\r\nhost: test\r\ncontent-length: 1\r\ntransfer-encoding: chunked\r\n\r\n`,
    ],
  ])('%s: 400, and the connection ends', async (_case, bytes) => {
    const connection = await raw();
    connection.send(bytes);
    expectError(await connection.answer(), 400, 'MALFORMED_REQUEST');
    expect(await connection.closed()).toEqual([]);
  });

  test('no Host header: 400', async () => {
    const connection = await raw();
    connection.send(head(0).filter((line) => !line.startsWith('host')));
    expectError(await connection.answer(), 400, 'MALFORMED_REQUEST');
  });

  test('a chunk that is none: 400', async () => {
    const connection = await raw();
    connection.send([
      ...head(0).filter((line) => !line.startsWith('content-length')),
      'transfer-encoding: chunked',
    ]);
    connection.send('zz\r\n');
    expectError(await connection.answer(), 400, 'MALFORMED_REQUEST');
    expect(await connection.closed()).toEqual([]);
  });

  test('headers of more than 16 KiB: 431', async () => {
    const connection = await raw();
    connection.send(head(0, `x-padding: ${'x'.repeat(20_000)}`));
    expectError(await connection.answer(), 431, 'HEADERS_TOO_LARGE');
    expect(await connection.closed()).toEqual([]);
  });
});

describe.concurrent('a client that takes its time', () => {
  test('slow headers: 408', async () => {
    const connection = await raw();
    connection.send(`POST ${PATH} HTTP/1.1\r\nhost: te`);
    expectError(await connection.answer(), 408, 'REQUEST_TIMEOUT');
    expect(await connection.closed()).toEqual([]);
  });

  test('slow body: 408 under the request’s own id', async () => {
    const connection = await raw();
    connection.send(head(BODY.length, 'x-request-id: slow-1'));
    connection.send(BODY.slice(0, 10));
    const answer = await connection.answer();
    expectError(answer, 408, 'REQUEST_TIMEOUT');
    expect(answer.body).toMatchObject({ requestId: 'slow-1', retryable: true });
    expect(await connection.closed()).toEqual([]);
  });

  test('a body that is still missing after a refusal: the connection ends without a second answer', async () => {
    const connection = await raw();
    connection.send(head(1_000_000));
    expectError(await connection.answer(), 413, 'BODY_TOO_LARGE');
    expect(await connection.closed()).toEqual([]);
  });

  test('an answer may take longer than a request', async () => {
    const { key, campaignId } = await addCompany(system);
    const slow = { on: 'upload', match: { campaignId }, fault: { kind: 'delay', ms: 900 } };
    const absent = {
      on: 'upload',
      match: { campaignId },
      times: 1,
      fault: { kind: 'reset', when: 'beforeStoring' },
    };
    await misbehave(system, { rules: [absent, slow] });
    expect((await post(system, { ...EXAMPLE, campaignId }, { key })).status).toBe(200);
  });
});

describe('several requests on one connection', () => {
  test('pipelined, they are answered in their order', async () => {
    const connection = await raw();
    const bodies = [JSON.stringify(leadNumber(1)), '{', JSON.stringify(leadNumber(2))];
    connection.send(
      Buffer.from(bodies.map((body) => `${head(body.length).join('\r\n')}\r\n\r\n${body}`).join('')),
    );
    const statuses = [await connection.answer(), await connection.answer(), await connection.answer()];
    expect(statuses.map(({ status }) => status)).toEqual([200, 400, 200]);
  });

  test('more at once than anybody needs: those beyond are refused, nothing of them is taken, and the connection ends', async () => {
    const { key, campaignId } = await addCompany(system);
    const connection = await raw();
    const request = (n: number) => {
      const body = JSON.stringify(leadNumber(n, campaignId));
      const lines = head(body.length).map((line) =>
        line.startsWith('authorization') ? `authorization: Bearer ${key}` : line,
      );
      return `${lines.join('\r\n')}\r\n\r\n${body}`;
    };
    connection.send(Array.from({ length: MOST_UNDER_WAY + 20 }, (_, n) => request(n)).join(''));
    for (let n = 0; n < MOST_UNDER_WAY; n += 1) expect((await connection.answer()).status).toBe(200);
    const refused = await connection.answer();
    expectError(refused, 429, 'OVERLOADED');
    expect(refused.headers.get('connection')).toBe('close');
    expect(await connection.closed()).toEqual([]);
    expect((await simulator(system, `/leads?campaignId=${campaignId}`)).total).toBe(MOST_UNDER_WAY);
  });

  test.each([
    ['nonsense', 'nonsense\r\n\r\n', 400],
    ['headers that do not end', 'POST / HTTP/1.1\r\n', 408],
  ])(
    '%s after a request under way is answered after it, and not in its place',
    async (_case, bytes, status) => {
      const { key, campaignId } = await addCompany(system);
      await misbehave(system, {
        rules: [{ on: 'upload', match: { campaignId }, fault: { kind: 'delay', ms: 300 } }],
      });
      const connection = await raw();
      const body = JSON.stringify({ ...EXAMPLE, campaignId });
      connection.send([
        `POST ${PATH} HTTP/1.1`,
        'host: test',
        `authorization: Bearer ${key}`,
        'content-type: application/json',
        `content-length: ${body.length}`,
      ]);
      connection.send(body + bytes);
      expect((await connection.answer()).status).toBe(200);
      expect((await connection.answer()).status).toBe(status);
      expect(await connection.closed()).toEqual([]);
      expect((await simulator(system, `/leads?campaignId=${campaignId}`)).total).toBe(1);
    },
  );
});

describe('x-request-id', () => {
  test.each(['abc-123', 'A.b_c~d:e@f/g+h=i', 'x'.repeat(128)])(
    'the caller’s own, if sane: %s',
    async (id) => {
      const answer = await post(system, '{', { headers: { 'x-request-id': id } });
      expect(answer.headers.get('x-request-id')).toBe(id);
      expect(answer.body.requestId).toBe(id);
    },
  );

  test.each(['', ' ', 'x'.repeat(129), 'a b', 'a\tb', '"a"', '<script>', 'é', 'a,b'])(
    'else a new one: %j',
    async (id) => {
      const answer = await post(system, '{', { headers: { 'x-request-id': id } });
      expect(answer.headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
      expect(answer.body.requestId).toBe(answer.headers.get('x-request-id'));
    },
  );

  test('on success too, and x-lead-id with it', async () => {
    const answer = await post(system, EXAMPLE, { headers: { 'x-request-id': 'mine' } });
    expect(answer.headers.get('x-request-id')).toBe('mine');
    expect(answer.headers.get('x-lead-id')).toMatch(/^[0-9a-f-]{36}$/);
  });
});
