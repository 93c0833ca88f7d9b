import type { Server } from 'node:http';

/**
 * Closes the port once a turn of the event loop has brought no new connection, or after `limitMs`. A connection that the kernel has
 * accepted and this process has not is reset when the port closes: a request that was written to it has no answer, and a load balancer
 * does not repeat a POST. Node takes one connection in each turn, so on a busy machine several wait. Connections that are open stay.
 */
export async function stopListening(server: Server, limitMs: number): Promise<void> {
  const endsAt = performance.now() + limitMs;
  let came: boolean;
  const onConnection = () => {
    came = true;
  };
  server.on('connection', onConnection);
  // The first turn may have begun before this was called: of two in a row the second has looked at the port.
  let quietTurns = 0;
  while (quietTurns < 2 && performance.now() < endsAt) {
    came = false;
    await new Promise(setImmediate);
    quietTurns = came ? 0 : quietTurns + 1;
  }
  server.off('connection', onConnection);
  server.close();
}
