import { text } from 'node:stream/consumers';
import { z } from 'zod';

/** A company: the leads that come with its key go to its dialer. */
const accountSchema = z.object({ apiKey: z.string(), accountId: z.string(), token: z.string() });

const settingsSchema = z.object({
  /** Of the dialing system that all dialers are on. */
  baseUrl: z.string(),
  /** The only ones that are let in. */
  accounts: z.array(accountSchema).min(1),
  redisUrl: z.string(),
  /** Jobs that the plain queue's worker runs at once. */
  concurrency: z.int().min(1),
});

export type BaselineSettings = z.infer<typeof settingsSchema>;
export type Account = z.infer<typeof accountSchema>;

/** What a baseline is told, as JSON on its standard input: `ps` shows no key. */
export async function readSettings(): Promise<BaselineSettings> {
  return settingsSchema.parse(JSON.parse(await text(process.stdin)));
}
