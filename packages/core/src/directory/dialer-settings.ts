import { z } from 'zod';

/** A limit of a dialing system: at most that many requests in any period of that length. */
const rateWindowSchema = z.object({
  requests: z.int().positive(),
  perMs: z.int().positive(),
});

/** All of them apply; none at all means unlimited. */
export const rateWindowsSchema = z.array(rateWindowSchema).max(10);

export type RateWindow = z.infer<typeof rateWindowSchema>;

/** The columns of `dialers` that keep a sealed token; a family says which one its dialers authenticate with. */
export type TokenColumn = 'permanentToken' | 'apiAuthToken';
