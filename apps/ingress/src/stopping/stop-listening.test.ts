import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { expect, test } from 'vitest';
import { stopListening } from './stop-listening.ts';

const CALLERS = 20;

/** @returns all that the other side said; an error if it reset the connection */
async function answerOn(socket: Socket): Promise<string> {
  let text = '';
  socket.on('data', (chunk) => {
    text += String(chunk);
  });
  await once(socket, 'end');
  return text;
}

test('who is connected, and not yet taken, when the port closes is answered', async () => {
  const server = createServer((_, response) => {
    response.setHeader('connection', 'close').end('taken');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  // The kernel completes these connections at once; the server, in this process, takes none before this turn is over.
  const sockets = Array.from({ length: CALLERS }, () => connect(port, '127.0.0.1'));
  for (const socket of sockets) socket.write('POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 0\r\n\r\n');
  const answers = Promise.all(sockets.map(answerOn));
  await stopListening(server, 10_000);
  for (const answer of await answers) expect(answer).toMatch(/^HTTP\/1\.1 200 .*taken/s);
});

test('connections that keep coming do not keep the port open', async () => {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  let sockets: Socket[] = [];
  server.on('connection', () => {
    sockets.push(connect(port, '127.0.0.1').on('error', () => {}));
  });
  sockets = [connect(port, '127.0.0.1').on('error', () => {})];
  await stopListening(server, 50);
  expect(server.listening).toBe(false);
  for (const socket of sockets) socket.destroy();
  server.closeAllConnections();
});
