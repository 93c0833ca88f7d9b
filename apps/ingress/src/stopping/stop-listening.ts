import type { Server } from 'node:http';

/**
 * Closes the port once a turn of the event loop has brought no new connection, or after `limitMs`. Closing it resets the connections that the
 * kernel has accepted and this process has not: requests on them get no answer, and load balancers do not repeat a POST. Node accepts one
 * connection in each turn, so on a busy machine several wait. Open connections stay open.
 */
export async function stopListening(server: Server, limitMs: number): Promise<void> {
  const endsAt = performance.now() + limitMs;
  let came: boolean;
  const onConnection = () => {
    came = true;
  };
  server.on('connection', onConnection);
  // The first turn may have begun before this call; the second of two in a row has polled the port.
  let quietTurns = 0;
  while (quietTurns < 2 && performance.now() < endsAt) {
    came = false;
    await new Promise(setImmediate);
    quietTurns = came ? 0 : quietTurns + 1;
  }
  server.off('connection', onConnection);
  server.close();
}
