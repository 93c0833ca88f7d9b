/**
 * What a promise resolves to, or what `late` returns once it has taken too long; the work itself goes on. Two things differ from p-timeout.
 * No error is made in advance, whose stack is dear where every lead waits for something. And after a blocked event loop, which runs timers
 * before I/O, a response that has already arrived wins.
 *
 * @param late may throw
 */
export async function within<T, Late>(work: Promise<T>, ms: number, late: () => Late): Promise<T | Late> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<void>((resolve) => {
    timer = setTimeout(() => setImmediate(resolve), ms);
  });
  try {
    return await Promise.race([work, limit.then(late)]);
  } finally {
    clearTimeout(timer);
  }
}
