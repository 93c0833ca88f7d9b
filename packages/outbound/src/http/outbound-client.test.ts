import { once } from 'node:events';
import http, { type RequestListener } from 'node:http';
import https from 'node:https';
import net, { type AddressInfo, type Socket } from 'node:net';
import { TEST_CERTIFICATE, TEST_KEY } from '@live-feed/dialers/testing/certificate';
import { describe, expect, onTestFinished, test } from 'vitest';
import { createOutboundClient, type OutboundOptions } from './outbound-client.ts';

function client(options: Partial<OutboundOptions> = {}) {
  const made = createOutboundClient({ allowPrivate: true, ...options });
  onTestFinished(() => made.close());
  return made;
}

async function listening(server: http.Server | https.Server | net.Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    if ('closeAllConnections' in server) server.closeAllConnections();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

const serve = (listener: RequestListener) => listening(http.createServer(listener));

/** Speaks for itself; every socket is given to the script. */
function serveRaw(script: (socket: Socket) => void): Promise<number> {
  const sockets = new Set<Socket>();
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
  });
  return listening(
    net.createServer((socket) => {
      sockets.add(socket);
      socket.on('error', () => {});
      script(socket);
    }),
  );
}

const request = (url: string) => ({
  url,
  headers: { 'content-type': 'application/json', 'x-own': 'value' },
  body: '{"ä":1}',
  limitMs: 5_000,
  maxAnswerBytes: 100,
});

const at = (port: number, path = '/') => `http://127.0.0.1:${port}${path}`;

describe('post', () => {
  test('sends body and headers, and tells status, Retry-After and the beginning of the body', async () => {
    const port = await serve((incoming, response) => {
      let body = '';
      incoming.on('data', (chunk) => {
        body += chunk;
      });
      incoming.on('end', () => {
        response.writeHead(503, { 'retry-after': '7' });
        response.end(
          `${incoming.method} ${incoming.headers['x-own']} ${incoming.headers['content-length']} ${body}`,
        );
      });
    });
    expect(await client().post(request(at(port)))).toEqual({
      kind: 'answer',
      httpStatus: 503,
      retryAfterMs: 7_000,
      body: 'POST value 8 {"ä":1}',
      isCut: false,
    });
  });

  test('follows no redirect', async () => {
    const paths: (string | undefined)[] = [];
    const port = await serve((incoming, response) => {
      paths.push(incoming.url);
      response.writeHead(307, { location: '/elsewhere' }).end();
    });
    expect(await client().post(request(at(port)))).toMatchObject({ kind: 'answer', httpStatus: 307 });
    expect(paths).toEqual(['/']);
  });

  test('reads no more of a response than it may, and hangs up', async () => {
    let hangUp = () => {};
    const hungUp = new Promise<void>((resolve) => {
      hangUp = resolve;
    });
    const port = await serveRaw((socket) => {
      socket.once('data', () => {
        socket.write('HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n');
        const chunk = Buffer.alloc(65_536, 'x');
        const more = () => {
          while (!socket.destroyed && socket.write(chunk));
        };
        socket.on('drain', more);
        socket.on('close', hangUp);
        more();
      });
    });
    const answer = await client().post(request(at(port)));
    expect(answer).toMatchObject({ kind: 'answer', httpStatus: 200, isCut: true, body: 'x'.repeat(100) });
    await hungUp;
  });

  test.each([
    ['a server that says nothing', () => {}],
    [
      'headers that never end',
      (socket: Socket) => {
        const drip = setInterval(() => socket.write('HTTP/1.1 102 Processing\r\n\r\n'), 20);
        socket.on('close', () => clearInterval(drip));
      },
    ],
  ])('has a limit for %s', async (_, script) => {
    const port = await serveRaw(script);
    const answer = await client().post({ ...request(at(port)), limitMs: 300 });
    expect(answer).toEqual({ kind: 'failed', why: 'no response within 0.3 s' });
  });

  test('a body that never ends is cut when the time is over; its status counts', async () => {
    const port = await serveRaw((socket) => {
      socket.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n');
    });
    const answer = await client().post({ ...request(at(port)), limitMs: 300 });
    expect(answer).toMatchObject({ kind: 'answer', httpStatus: 200, isCut: true });
  });

  test.each([
    ['hangs up', (socket: Socket) => socket.end()],
    ['resets', (socket: Socket) => socket.resetAndDestroy()],
    [
      'switches protocols',
      (socket: Socket) =>
        socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n'),
    ],
    ['speaks no HTTP', (socket: Socket) => socket.end('220 smtp ready\r\n')],
    [
      'has headers without end',
      (socket: Socket) => socket.write(`HTTP/1.1 200 OK\r\nX: ${'x'.repeat(100_000)}`),
    ],
  ])('a server that %s is a failure, not an exception', async (_, script) => {
    const port = await serveRaw((socket) => socket.once('data', () => script(socket)));
    expect(await client().post(request(at(port)))).toMatchObject({ kind: 'failed' });
  });

  test('a connection that the server closed while it was idle is replaced', async () => {
    let connections = 0;
    const port = await serveRaw((socket) => {
      connections += 1;
      let asked = 0;
      socket.on('data', () => {
        asked += 1;
        if (asked === 1)
          socket.write('HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: keep-alive\r\n\r\n');
        else socket.resetAndDestroy();
      });
    });
    const made = client();
    expect(await made.post(request(at(port)))).toMatchObject({ httpStatus: 200 });
    expect(await made.post(request(at(port)))).toMatchObject({ httpStatus: 200 });
    expect(connections).toBe(2);
  });

  test('a refused connection, and one that is broken off by close', async () => {
    const made = client();
    const closed = await listening(net.createServer());
    const port = await serveRaw(() => {});
    expect(await made.post(request('http://127.0.0.1:1/'))).toEqual({
      kind: 'failed',
      why: 'connection refused',
    });
    const hanging = made.post(request(at(port)));
    await made.post({ ...request(at(closed)), limitMs: 100 });
    made.close();
    expect(await hanging).toMatchObject({ kind: 'failed' });
  });
});

describe('over HTTPS', () => {
  const secure = () =>
    listening(
      https.createServer({ key: TEST_KEY, cert: TEST_CERTIFICATE }, (_, response) => response.end('taken')),
    );

  test('a certificate is verified, whatever the environment says', async () => {
    const port = await secure();
    const url = `https://127.0.0.1:${port}/`;
    const before = process.env['NODE_TLS_REJECT_UNAUTHORIZED'];
    process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = '0';
    onTestFinished(() => {
      if (before === undefined) delete process.env['NODE_TLS_REJECT_UNAUTHORIZED'];
      else process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = before;
    });
    expect(await client().post(request(url))).toMatchObject({
      kind: 'failed',
      why: expect.stringContaining('DEPTH_ZERO_SELF_SIGNED_CERT'),
    });
    expect(await client({ ca: TEST_CERTIFICATE }).post(request(url))).toMatchObject({ body: 'taken' });
  });

  test('private addresses are refused, as literals and by name, before anything is sent', async () => {
    let connections = 0;
    const port = await serveRaw(() => {
      connections += 1;
    });
    const strict = client({
      allowPrivate: false,
      resolve: async () => [{ address: '127.0.0.1', family: 4 }],
    });
    expect(await strict.post(request(`https://127.0.0.1:${port}/`))).toMatchObject({ kind: 'refused' });
    expect(await strict.post(request(`https://hooks.test:${port}/`))).toEqual({
      kind: 'refused',
      why: 'The name leads to a private or reserved address.',
    });
    expect(await strict.post(request(at(port)))).toEqual({
      kind: 'refused',
      why: 'The URL must begin with https://.',
    });
    expect(connections).toBe(0);
  });
});
