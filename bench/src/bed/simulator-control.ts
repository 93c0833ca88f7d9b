import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';

const statsSchema = z.object({
  requests: z.object({ upload: z.number() }),
  throttled: z.number(),
  uploadSizes: z.object({ max: z.number(), mean: z.number() }),
  loads: z.number(),
  leads: z.object({ inserted: z.number() }),
  concurrent: z.object({ upload: z.object({ now: z.number(), max: z.number() }) }),
});

export type SimulatorStats = z.infer<typeof statsSchema>;

export type SimulatorControl = ReturnType<typeof controlSimulator>;

const limitMs = 10_000;

/** How the dialing system behaves and what it was asked, over the simulator's own API. */
export function controlSimulator(url: string) {
  async function call(method: 'GET' | 'PUT' | 'DELETE', path: string, body?: unknown): Promise<unknown> {
    const response = await fetch(`${url}/simulator${path}`, {
      method,
      signal: AbortSignal.timeout(limitMs),
      ...(body === undefined
        ? {}
        : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
    });
    const text = await response.text();
    if (!response.ok)
      throw new Error(`The simulator answered ${method} ${path} with ${response.status}: ${text}`);
    return text === '' ? undefined : JSON.parse(text);
  }

  const stats = async (): Promise<SimulatorStats> => statsSchema.parse(await call('GET', '/stats'));

  return {
    stats,

    /** From now on uploads take `delayMs`, and RingCX's windows are enforced, empty at first, or are not. */
    async behave({ delayMs, enforceLimits }: { delayMs: number; enforceLimits: boolean }): Promise<void> {
      const rules = [{ on: 'upload', fault: { kind: 'delay', ms: delayMs } }];
      await call('PUT', '/scenario', { enforceLimits, rules });
    },

    /** Forgets leads and counts; what the windows let through stays counted. */
    async forget(): Promise<void> {
      await call('DELETE', '/leads');
    },

    /** Waits until nothing was asked for a while, so that one candidate's leftovers do not disturb the next. Whether that came true within the limit. */
    async quiet({ forMs, withinMs }: { forMs: number; withinMs: number }): Promise<boolean> {
      const endsAt = performance.now() + withinMs;
      let before = await stats();
      while (performance.now() < endsAt) {
        await delay(forMs);
        const now = await stats();
        if (now.concurrent.upload.now === 0 && now.requests.upload === before.requests.upload) return true;
        before = now;
      }
      return false;
    },
  };
}
