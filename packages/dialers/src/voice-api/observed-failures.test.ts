/** The classification, verified against what got and Node really do over real sockets. */
import net, { type Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import type { UploadResult } from '../lead-loader.ts';
import type { LoaderOptions } from '../lead-loaders.ts';
import { TEST_CERTIFICATE } from '../testing/certificate.ts';
import { type RawServerOptions, startRawServer } from '../testing/raw-server.ts';
import { ACCEPTED, accountAt, httpAnswer, TOKEN, testLoader, UPLOAD } from '../testing/upload.ts';

const always = () => true;
const SHORT = { connectMs: 100, uploadMs: 100 };

async function uploadTo(
  server: RawServerOptions,
  { scheme, ...options }: LoaderOptions & { scheme?: 'http' | 'https' } = {},
): Promise<UploadResult> {
  const { port } = await startRawServer(server);
  const result = await testLoader(options).upload(accountAt(port, scheme), UPLOAD, always);
  expect('json' in result).toBe(result.kind !== 'never_sent');
  return result;
}

/** The result where the whole request is answered with these bytes. */
function uploadAnswered(...pieces: readonly string[]): Promise<UploadResult> {
  return uploadTo({ onRequest: (socket) => socket.write(pieces.join('')) });
}

describe('never sent', () => {
  it('a host name that does not exist', async () => {
    const account = { ...accountAt(0), baseUrl: 'http://dialing-system.invalid/voice/api' };
    const result = await testLoader().upload(account, UPLOAD, always);
    expect(result).toEqual({
      kind: 'never_sent',
      reason: expect.stringMatching(/^(host name not found|name resolution failed)$/),
    });
  });

  it('a port where nobody listens', async () => {
    const port = await portNobodyListensOn();
    const result = await testLoader().upload(accountAt(port), UPLOAD, always);
    expect(result).toEqual({ kind: 'never_sent', reason: 'connection refused' });
  });

  it('a certificate that is not trusted', async () => {
    const result = await uploadTo({ tls: 'at once' }, { scheme: 'https' });
    expect(result).toEqual({
      kind: 'never_sent',
      reason: 'TLS failed (DEPTH_ZERO_SELF_SIGNED_CERT)',
    });
  });

  it('a server that does not speak TLS', async () => {
    const result = await uploadTo({ onTcp: (socket) => socket.write('220 mail\r\n') }, { scheme: 'https' });
    expect(result).toEqual({ kind: 'never_sent', reason: expect.stringMatching(/^TLS failed/) });
  });

  it('a TLS handshake that is never answered', async () => {
    const result = await uploadTo({ tls: 'held' }, { scheme: 'https', limits: SHORT });
    expect(result).toEqual({ kind: 'never_sent', reason: 'no connection within 0.1 s' });
  });

  it('a name resolution that is never answered', async () => {
    const account = { ...accountAt(0), baseUrl: 'http://dialing-system.test/voice/api' };
    const loader = testLoader({ limits: SHORT, connections: { lookup: () => {} } });
    const result = await loader.upload(account, UPLOAD, always);
    expect(result).toEqual({ kind: 'never_sent', reason: 'no connection within 0.1 s' });
  });

  it('a reset before the request was written', async () => {
    const onTcp = (socket: Socket) => socket.once('data', () => socket.resetAndDestroy());
    const result = await uploadTo({ tls: 'held', onTcp }, { scheme: 'https' });
    expect(result).toEqual({ kind: 'never_sent', reason: 'connection reset' });
  });

  it.each([
    ['another scheme', { baseUrl: 'ftp://127.0.0.1/voice/api' }],
    ['no URL', { baseUrl: 'ringcx' }],
    ['an account id that climbs out of the base path', { accountId: '..' }],
    [
      'a token that is no header value',
      { credential: { kind: 'token', token: `${TOKEN}\r\nx: y` } as const },
    ],
  ])('%s', async (_case, wrong) => {
    const { port, connections } = await startRawServer();
    const result = await testLoader().upload({ ...accountAt(port), ...wrong }, UPLOAD, always);
    expect(result.kind).toBe('never_sent');
    expect(JSON.stringify(result)).not.toContain('aws80');
    expect(connections.every(({ received }) => received === '')).toBe(true);
  });
});

describe('unknown', () => {
  it('a reset after the request was written', async () => {
    const result = await uploadTo({ onRequest: (socket) => socket.resetAndDestroy() });
    expect(result).toMatchObject({ kind: 'unknown', reason: 'connection reset', json: null });
  });

  it('a connection that is closed without an answer', async () => {
    const result = await uploadTo({ onRequest: (socket) => socket.end() });
    expect(result).toMatchObject({ kind: 'unknown', reason: 'connection reset', json: null });
  });

  it.each(['http', 'https'] as const)('no answer, and then the connection is reset: %s', async (scheme) => {
    const server = await startRawServer(scheme === 'https' ? { tls: 'at once' } : {});
    const loader = testLoader({
      limits: { ...SHORT, connectMs: 3_000 },
      connections: { ca: TEST_CERTIFICATE },
    });
    const result = await loader.upload(accountAt(server.port, scheme), UPLOAD, always);
    expect(result).toMatchObject({ kind: 'unknown', reason: 'no answer within 0.1 s', json: null });
    const { over } = await server.connection(0);
    expect(await over).toBe('reset');
  });

  it('an answer that drips in too slowly', async () => {
    const drip = (socket: Socket) => {
      socket.write('HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\n');
      const dripping = setInterval(() => socket.write(' '), 5);
      socket.once('close', () => clearInterval(dripping));
    };
    const result = await uploadTo({ onRequest: drip }, { limits: { ...SHORT, connectMs: 3_000 } });
    expect(result).toMatchObject({
      kind: 'unknown',
      reason: 'no answer within 0.1 s',
      httpStatus: 200,
      json: null,
    });
  });

  it('an answer shorter than its content-length', async () => {
    const onRequest = (socket: Socket) =>
      socket.end('HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\n{"leadsAcc');
    expect(await uploadTo({ onRequest })).toMatchObject({
      kind: 'unknown',
      reason: 'answer cut short',
      httpStatus: 200,
      json: null,
    });
  });

  it('a chunked answer without its end', async () => {
    const body = JSON.stringify(ACCEPTED);
    const onRequest = (socket: Socket) =>
      socket.end(
        `HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n${body.length.toString(16)}\r\n${body}\r\n`,
      );
    expect(await uploadTo({ onRequest })).toMatchObject({ kind: 'unknown', httpStatus: 200 });
  });

  it('an answer larger than the limit, and then the connection is reset', async () => {
    const server = await startRawServer({
      onRequest: (socket) =>
        socket.write(httpAnswer(200, JSON.stringify({ ...ACCEPTED, padding: 'x'.repeat(2_000) }))),
    });
    const result = await testLoader({ maxAnswerBytes: 1_000 }).upload(accountAt(server.port), UPLOAD, always);
    expect(result).toMatchObject({
      kind: 'unknown',
      reason: 'answer too large',
      httpStatus: 200,
      json: null,
    });
    const { over } = await server.connection(0);
    expect(await over).toBe('reset');
  });

  it('an answer that is not HTTP', async () => {
    expect(await uploadAnswered('220 mail\r\n\r\n')).toMatchObject({ kind: 'unknown', json: null });
  });

  it('a switch of protocols', async () => {
    const answer = 'HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n';
    expect(await uploadAnswered(answer)).toMatchObject({
      kind: 'unknown',
      reason: 'HTTP 101, a switch of protocols, not followed',
      json: null,
    });
  });

  it.each([
    ['bad JSON', '{"leadsAccepted":1', JSON.stringify('{"leadsAccepted":1')],
    ['no body', '', null],
    ['no counts', '{"ok":true}', '{"ok":true}'],
    ['a count that is no integer', '{"leadsAccepted":"1"}', '{"leadsAccepted":"1"}'],
  ])('200 with %s', async (_case, sent, json) => {
    expect(await uploadAnswered(httpAnswer(200, sent))).toMatchObject({
      kind: 'unknown',
      reason: 'HTTP 200 with an unreadable body',
      httpStatus: 200,
      json,
    });
  });

  it.each([408, 500, 502, 503, 504])('HTTP %i', async (status) => {
    expect(await uploadAnswered(httpAnswer(status, 'sorry'))).toMatchObject({
      kind: 'unknown',
      reason: `HTTP ${status}`,
      httpStatus: status,
      json: '"sorry"',
    });
  });

  it.each([301, 302, 303, 307, 308])('a redirect does not take the token along: HTTP %i', async (status) => {
    const elsewhere = await startRawServer();
    const location = `location: http://127.0.0.1:${elsewhere.port}/`;
    expect(await uploadAnswered(httpAnswer(status, '', [location]))).toMatchObject({
      kind: 'foreign',
      reason: `HTTP ${status}, a redirect, not followed`,
      httpStatus: status,
      json: null,
    });
    expect(elsewhere.connections).toEqual([]);
  });
});

describe('answers that settle it', () => {
  const error = { errorCode: 'x', generalMessage: 'no', timestamp: 1 };

  it.each([
    [401, 'token_refused'],
    [403, 'token_refused'],
    [404, 'campaign_unknown'],
  ])('HTTP %i: %s', async (status, kind) => {
    const sent = status === 401 ? 'Jwt is expired' : JSON.stringify(error);
    expect(await uploadAnswered(httpAnswer(status, sent))).toMatchObject({
      kind,
      httpStatus: status,
      json: status === 401 ? JSON.stringify(sent) : sent,
    });
  });

  it.each([400, 405, 409, 413, 415, 422])('refused: HTTP %i', async (status) => {
    expect(await uploadAnswered(httpAnswer(status, JSON.stringify(error)))).toMatchObject({
      kind: 'refused',
      httpStatus: status,
      json: JSON.stringify(error),
    });
  });

  it.each([
    [[], {}],
    [['retry-after: 7'], { retryAfterMs: 7_000 }],
    [['retry-after: soon'], {}],
  ])('throttled with headers %j', async (headers, expected) => {
    expect(await uploadAnswered(httpAnswer(429, '', headers))).toMatchObject({
      kind: 'throttled',
      httpStatus: 429,
      json: null,
      ...expected,
    });
  });

  it('a 2xx with counts, after interim answers', async () => {
    const interim = 'HTTP/1.1 103 Early Hints\r\n\r\n';
    expect(await uploadAnswered(interim, httpAnswer(200, JSON.stringify(ACCEPTED)))).toMatchObject({
      kind: 'answered',
      httpStatus: 200,
      json: JSON.stringify(ACCEPTED),
    });
  });
});

async function portNobodyListensOn(): Promise<number> {
  const server = net.createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (!address || typeof address === 'string') throw new Error('listened on no TCP port');
  return address.port;
}
