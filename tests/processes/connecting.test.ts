import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { expect, onTestFinished, test } from 'vitest';
import type { ProcessSystem } from '../kit/system/system.ts';
import { useSystem } from '../kit/system/use-system.ts';

/** More than Node's own backlog of 511, less than Linux' of 4,096. */
const CALLERS = 1_500;

let system: ProcessSystem;

useSystem({ processes: true, ingresses: 1, workers: 0, companies: 0 }, (started) => {
  ({ system } = started);
});

test('callers that come while an ingress is too busy to take them wait for it, all of them', async () => {
  const [ingress] = system.ingresses.awake();
  if (ingress === undefined) throw new Error('There is no ingress.');
  const { hostname, port } = new URL(ingress.url ?? '');
  process.kill(ingress.pid, 'SIGSTOP');
  onTestFinished(() => void process.kill(ingress.pid, 'SIGCONT'));

  const sockets = Array.from({ length: CALLERS }, () => connect(Number(port), hostname));
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
  });
  await Promise.all(sockets.map((socket) => once(socket, 'connect')));
  const answers = sockets.map(ask);
  process.kill(ingress.pid, 'SIGCONT');
  const statuses = await Promise.all(answers);
  expect(new Set(statuses)).toEqual(new Set(['HTTP/1.1 200 OK']));
});

async function ask(socket: Socket): Promise<string> {
  socket.write('GET /healthz HTTP/1.1\r\nhost: live-feed\r\nconnection: close\r\n\r\n');
  const [status = ''] = (await text(socket)).split('\r\n');
  return status;
}
