/** The fence: once it has passed, not one byte of the request reaches the dialing system, however the socket came. */
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { expect, it } from 'vitest';
import { TEST_CERTIFICATE } from '../testing/certificate.ts';
import { deferred } from '../testing/deferred.ts';
import { startRawServer } from '../testing/raw-server.ts';
import { ACCEPTED, accountAt, httpAnswer, testLoader, UPLOAD } from '../testing/upload.ts';

const TOO_LATE = { kind: 'never_sent', reason: 'too late to send' };
const OK = httpAnswer(200, JSON.stringify(ACCEPTED));

function createFence() {
  let passed = false;
  let asked = 0;
  return {
    mayWrite() {
      asked += 1;
      return !passed;
    },
    pass: () => {
      passed = true;
    },
    timesAsked: () => asked,
  };
}

it('passed while the name was being resolved', async () => {
  const fence = createFence();
  const server = await startRawServer();
  const resolving = deferred<() => void>();
  const loader = testLoader({
    connections: {
      // A turn of the event loop later, by when Node's own agent has long given the request its socket.
      lookup: (_name, _options, callback) =>
        setImmediate(() => resolving.resolve(() => callback(null, [{ address: '127.0.0.1', family: 4 }]))),
    },
  });
  const account = { ...accountAt(0), baseUrl: `http://dialing-system.test:${server.port}/voice/api` };
  const uploading = loader.upload(account, UPLOAD, fence.mayWrite);

  const resolve = await resolving.promise;
  fence.pass();
  resolve();

  expect(await uploading).toEqual(TOO_LATE);
  const connection = await server.connection(0);
  await connection.over;
  expect(connection.received).toBe('');
});

it('passed during the TLS handshake', async () => {
  const fence = createFence();
  const accepted = deferred<Socket>();
  const server = await startRawServer({ tls: 'held', onTcp: accepted.resolve });
  const loader = testLoader({ connections: { ca: TEST_CERTIFICATE } });
  const uploading = loader.upload(accountAt(server.port, 'https'), UPLOAD, fence.mayWrite);

  const tcp = await accepted.promise;
  const closed = once(tcp, 'close');
  fence.pass();
  tcp.emit('handshake');

  expect(await uploading).toEqual(TOO_LATE);
  await closed;
  expect(server.connections.map(({ received }) => received).join()).toBe('');
});

it('passed before a pooled connection was reused', async () => {
  const fence = createFence();
  const server = await startRawServer({ onRequest: (socket) => socket.write(OK) });
  const loader = testLoader();
  const upload = () => loader.upload(accountAt(server.port), UPLOAD, fence.mayWrite);
  await upload();
  const connection = await server.connection(0);
  const first = connection.received;

  fence.pass();

  expect(await upload()).toEqual(TOO_LATE);
  await connection.over;
  expect(server.connections).toEqual([connection]);
  expect(connection.received).toBe(first);
});

it.each(['keep-alive', 'close'])(
  'passed while waiting for a connection to be free: %s',
  async (afterwards) => {
    const fence = createFence();
    const requested = deferred<Socket>();
    const server = await startRawServer({ onRequest: requested.resolve });
    const loader = testLoader({ connections: { maxSockets: 1 } });
    const first = loader.upload(accountAt(server.port), UPLOAD, () => true);
    const socket = await requested.promise;
    const waiting = loader.upload(accountAt(server.port), UPLOAD, fence.mayWrite);

    fence.pass();
    socket.write(httpAnswer(200, JSON.stringify(ACCEPTED), [`connection: ${afterwards}`]));

    expect(await first).toMatchObject({ kind: 'answered' });
    expect(await waiting).toEqual(TOO_LATE);
    await Promise.all(server.connections.map(({ over }) => over));
    expect(server.connections.map(({ received }) => received.match(/POST/g)?.length ?? 0)).toEqual(
      afterwards === 'close' ? [1, 0] : [1],
    );
  },
);

it('is asked once, when the connection is there', async () => {
  const fence = createFence();
  const accepted = deferred<Socket>();
  const server = await startRawServer({
    tls: 'held',
    onTcp: accepted.resolve,
    onRequest: (socket) => socket.write(OK),
  });
  const loader = testLoader({ connections: { ca: TEST_CERTIFICATE } });
  const uploading = loader.upload(accountAt(server.port, 'https'), UPLOAD, fence.mayWrite);

  const tcp = await accepted.promise;
  expect(fence.timesAsked()).toBe(0);
  tcp.emit('handshake');

  expect(await uploading).toMatchObject({ kind: 'answered' });
  expect(fence.timesAsked()).toBe(1);
});
