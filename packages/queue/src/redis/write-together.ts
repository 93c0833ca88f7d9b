import type { Socket } from 'node:net';
import type { Redis as IoRedis } from 'ioredis';

/**
 * Commands that are sent in one turn of the event loop go out in one write: those of several dialers, for example, after a statement that
 * they shared. A write to the system costs more than what ioredis does for a command. Commands are still answered one by one.
 */
export function writeTogether(redis: IoRedis): void {
  redis.on('connect', () => corkInTurns(redis.stream));
}

function corkInTurns(socket: Socket): void {
  const write = socket.write.bind(socket) as (...args: unknown[]) => boolean;
  let corked = false;
  const writeCorked = (...args: unknown[]): boolean => {
    if (!corked) {
      corked = true;
      socket.cork();
      process.nextTick(() => {
        corked = false;
        socket.uncork();
      });
    }
    return write(...args);
  };
  socket.write = writeCorked as typeof socket.write;
}
