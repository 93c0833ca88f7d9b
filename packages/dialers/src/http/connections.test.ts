import type { Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import { TEST_CERTIFICATE } from '../testing/certificate.ts';
import { deferred } from '../testing/deferred.ts';
import { startRawServer } from '../testing/raw-server.ts';
import { ACCEPTED, accountAt, httpAnswer, testLoader, UPLOAD } from '../testing/upload.ts';

const always = () => true;
const OK = httpAnswer(200, JSON.stringify(ACCEPTED));

describe.each(['http', 'https'] as const)('pooled %s connections', (scheme) => {
  it('serve upload after upload', async () => {
    const server = await startRawServer({
      ...(scheme === 'https' && { tls: 'at once' }),
      onRequest: (socket) => socket.write(OK),
    });
    const loader = testLoader({ connections: { ca: TEST_CERTIFICATE } });
    for (let n = 0; n < 3; n++) {
      const result = await loader.upload(accountAt(server.port, scheme), UPLOAD, always);
      expect(result).toMatchObject({ kind: 'answered' });
    }
    expect(server.connections).toHaveLength(1);
  });

  it('are closed with the loader', async () => {
    const server = await startRawServer({
      ...(scheme === 'https' && { tls: 'at once' }),
      onRequest: (socket) => socket.write(OK),
    });
    const loader = testLoader({ connections: { ca: TEST_CERTIFICATE } });
    await loader.upload(accountAt(server.port, scheme), UPLOAD, always);
    await loader.close();
    const { over } = await server.connection(0);
    expect(await over).toBe('closed');
  });
});

it('a pooled connection that the server closes as the next request is written leaves the upload unknown', async () => {
  const server = await startRawServer({
    onRequest: (socket, n) => (n === 0 ? socket.write(OK) : socket.resetAndDestroy()),
  });
  const loader = testLoader();
  await loader.upload(accountAt(server.port), UPLOAD, always);
  const result = await loader.upload(accountAt(server.port), UPLOAD, always);
  expect(result).toMatchObject({ kind: 'unknown', reason: 'connection reset', json: null });
  expect(server.connections).toHaveLength(1);
});

it('an answer may take longer than an idle connection is kept', async () => {
  const server = await startRawServer({ onRequest: (socket) => setTimeout(() => socket.write(OK), 100) });
  const loader = testLoader({ connections: { idleMs: 10 } });
  const upload = () => loader.upload(accountAt(server.port), UPLOAD, always);
  expect(await upload()).toMatchObject({ kind: 'answered' });
  expect(await upload()).toMatchObject({ kind: 'answered' });
});

it('a connection that stays idle is closed', async () => {
  const server = await startRawServer({ onRequest: (socket) => socket.write(OK) });
  await testLoader({ connections: { idleMs: 10 } }).upload(accountAt(server.port), UPLOAD, always);
  const { over } = await server.connection(0);
  expect(await over).toBe('closed');
});

it('a closed loader breaks off what is under way, and begins nothing more', async () => {
  const requested = deferred<Socket>();
  const server = await startRawServer({ onRequest: requested.resolve });
  const held = await startRawServer({ tls: 'held' });
  const loader = testLoader();
  const written = loader.upload(accountAt(server.port), UPLOAD, always);
  const connecting = loader.upload(accountAt(held.port, 'https'), UPLOAD, always);
  await requested.promise;
  await loader.close();
  expect(await written).toMatchObject({ kind: 'unknown' });
  const closed = { kind: 'never_sent', reason: 'shut down while connecting' };
  expect(await connecting).toEqual(closed);
  expect(await loader.upload(accountAt(server.port), UPLOAD, always)).toEqual(closed);
});

it('after a time-out the connection is not used again', async () => {
  const server = await startRawServer({ onRequest: (socket, n) => n > 0 && socket.write(OK) });
  const loader = testLoader({ limits: { connectMs: 3_000, uploadMs: 500 } });
  await loader.upload(accountAt(server.port), UPLOAD, always);
  const result = await loader.upload(accountAt(server.port), UPLOAD, always);
  expect(result).toMatchObject({ kind: 'answered' });
  expect(server.connections).toHaveLength(2);
});

it('no more connections than allowed, whoever waits too long is never sent', async () => {
  const requested = deferred<Socket>();
  const server = await startRawServer({ onRequest: requested.resolve });
  const loader = testLoader({
    limits: { connectMs: 300, uploadMs: 10_000 },
    connections: { maxSockets: 1 },
  });
  const upload = () => loader.upload(accountAt(server.port), UPLOAD, always);
  const first = upload();
  const socket = await requested.promise;
  expect(await upload()).toEqual({ kind: 'never_sent', reason: 'no connection within 0.3 s' });
  socket.write(OK);
  expect(await first).toMatchObject({ kind: 'answered' });
  expect(server.connections).toHaveLength(1);
});

it('an unreachable host does not gather connections under way without bound', async () => {
  const server = await startRawServer({ tls: 'held' });
  const loader = testLoader({
    limits: { connectMs: 200, uploadMs: 200 },
    connections: { maxSockets: 2 },
  });
  const uploads = [1, 2, 3].map(() => loader.upload(accountAt(server.port, 'https'), UPLOAD, always));
  expect((await Promise.all(uploads)).map((result) => 'reason' in result && result.reason)).toEqual([
    'no connection within 0.2 s',
    'no connection within 0.2 s',
    'too many connections',
  ]);
});
