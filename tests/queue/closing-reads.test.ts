import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { createLeases } from '@live-feed/queue/leases/leases';
import { closeRedis, connectRedis, type Redis, whenReady } from '@live-feed/queue/redis/redis';
import { BEGINNING, readStream } from '@live-feed/queue/streams/stream-reader';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { useRedis } from '../kit/services/redis.ts';
import { waitFor } from '../kit/wait-for.ts';

/** A read that was under way when Redis went does not keep its process from stopping: ioredis forgets such a read. */

const service = useRedis();
const ignore = () => {};
let redis: Redis;

beforeAll(async () => {
  redis = connectRedis(service.url, 'requests', ignore);
  await whenReady(redis, 30_000);
});
afterAll(() => closeRedis(redis));

/** Between a client and Redis, until it is told to say nothing more or to be away. */
async function startDoor() {
  const sockets = new Set<Socket>();
  let silent = false;
  const server = createServer((client) => {
    sockets.add(client.on('error', ignore));
    if (silent) return;
    const upstream = connect(Number(new URL(service.url).port), '127.0.0.1').on('error', ignore);
    sockets.add(upstream);
    client.pipe(upstream).pipe(client);
  });
  const hangUp = () => {
    for (const socket of sockets) socket.destroy();
  };
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    hangUp();
    server.close();
  });
  const url = new URL(service.url);
  url.port = String((server.address() as AddressInfo).port);
  return {
    url: url.href,
    async silence() {
      silent = true;
      hangUp();
      await once(server, 'connection');
    },
    async shut() {
      server.close();
      hangUp();
    },
  };
}

type Closable = { close(): Promise<void> };

const readers: readonly [string, (blocking: Redis) => Closable][] = [
  [
    'a stream',
    (blocking) =>
      readStream(blocking, {
        stream: 'nothing comes',
        from: async () => BEGINNING,
        onEntry: ignore,
        onError: ignore,
      }),
  ],
  [
    'calls for lanes',
    (blocking) =>
      createLeases({
        redis,
        blockingRedis: blocking,
        workerId: 'worker',
        onClaim: async () => ({ idleForMs: () => 0, wake: ignore, close: async () => undefined }),
        onError: ignore,
      }),
  ],
];
const ends = [
  ['takes connections and says nothing', 'silence'],
  ['is away', 'shut'],
] as const;

test.each(readers.flatMap(([what, read]) => ends.map(([how, end]) => ({ what, how, read, end }))))(
  'who reads $what can be closed while Redis $how',
  async ({ read, end }) => {
    const door = await startDoor();
    const blocking = connectRedis(door.url, 'stream', ignore);
    await whenReady(blocking, 30_000);
    const reader = read(blocking);
    await waitFor(async () => (await redis.info('clients')).includes('blocked_clients:1'));
    await door[end]();
    await waitFor(() => blocking.status === (end === 'silence' ? 'connect' : 'reconnecting'));
    await reader.close();
    expect(await redis.ping()).toBe('PONG');
  },
);
