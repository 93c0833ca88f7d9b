import { text } from 'node:stream/consumers';
import { z } from 'zod';

const settingsSchema = z.object({
  /** The one key that is let in. */
  apiKey: z.string(),
  dialer: z.object({ baseUrl: z.string(), accountId: z.string(), token: z.string() }),
  redisUrl: z.string(),
  /** Jobs that the plain queue's worker runs at once. */
  concurrency: z.int().min(1),
});

export type BaselineSettings = z.infer<typeof settingsSchema>;

/** What a baseline is told, as JSON on its standard input: `ps` shows no key. */
export async function readSettings(): Promise<BaselineSettings> {
  return settingsSchema.parse(JSON.parse(await text(process.stdin)));
}
