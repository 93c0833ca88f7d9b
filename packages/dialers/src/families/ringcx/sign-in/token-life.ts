import { z } from 'zod';

/** As documented; used where the token does not say. */
const DOCUMENTED_MS = 300_000;
const LONGEST_MS = 3_600_000;

const claimsSchema = z.object({ iat: z.number(), exp: z.number() });

/**
 * How long an access token lives, from when it was asked for. A JWT says when it was issued and when it ends, both by one clock, which
 * is not ours: only the difference counts.
 *
 * @returns milliseconds
 */
export function lifeOf(accessToken: string): number {
  const [, payload = ''] = accessToken.split('.');
  const claims = claimsSchema.safeParse(parse(Buffer.from(payload, 'base64url').toString()));
  if (!claims.success) return DOCUMENTED_MS;
  const lifeMs = Math.round((claims.data.exp - claims.data.iat) * 1_000);
  return lifeMs > 0 ? Math.min(lifeMs, LONGEST_MS) : DOCUMENTED_MS;
}

/** A call that begins just before the end would arrive after it. */
export function marginOf(lifeMs: number): number {
  return Math.min(5_000, lifeMs * 0.05);
}

/** At 60% of its life. */
export function isDue({ lifeMs, leftMs }: { readonly lifeMs: number; readonly leftMs: number }): boolean {
  return leftMs <= lifeMs * 0.4;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
