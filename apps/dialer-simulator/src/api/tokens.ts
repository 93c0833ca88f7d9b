/** Checks API tokens. */
import type { Family } from './lead-store.ts';

/** `aws80:<uuid>`, the shape of RingCX's permanent API tokens. */
const RINGCX_TOKEN = /^aws80:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

export interface TokenRules {
  /** The only accepted tokens; without the list every token of the family's shape is accepted. */
  readonly accepted?: readonly string[] | undefined;
  readonly revoked: readonly string[];
}

/** NewBridge publishes no token format, so any text that is not empty is accepted. */
export function isGoodToken(family: Family, token: string, rules: TokenRules): boolean {
  if (token === '' || rules.revoked.includes(token)) return false;
  if (rules.accepted !== undefined) return rules.accepted.includes(token);
  return family === 'newbridge' || RINGCX_TOKEN.test(token);
}
