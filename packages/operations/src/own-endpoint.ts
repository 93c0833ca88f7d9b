import { type OwnHeaders, ownHeadersSchema } from '@live-feed/core/directory/own-headers';
import type { SEALED } from '@live-feed/core/lead/lead-job';
import { urlProblem } from '@live-feed/outbound/http/address-guard';
import { z } from 'zod';
import { secret } from './inputs/masked-input.ts';
import { Refusal } from './refusal.ts';
import type { Resources } from './resources.ts';

/** Where a company has requests sent, and with which headers of its own. */

export const endpointUrlInput = z
  .string()
  .trim()
  .min(1)
  .max(2_000)
  .describe('where requests are sent; HTTPS, on the public Internet');

/** Null or none: no headers. */
export const endpointHeadersInput = secret(ownHeadersSchema.nullable()).describe(
  'headers to send along, by name; they are stored encrypted and never shown',
);

/** @throws Refusal */
export function refuseUrl({ outboundRules }: Pick<Resources, 'outboundRules'>, url: string): void {
  const problem = urlProblem(url, outboundRules);
  if (problem !== undefined) throw new Refusal(`${problem} Nothing was changed.`);
}

/** @param column what they are bound to @returns sealed; null for none, undefined if they are to stay as they are */
export function sealedHeaders(
  { keyring }: Pick<Resources, 'keyring'>,
  companyId: string,
  headers: OwnHeaders | null | undefined,
  column: (typeof SEALED)[keyof typeof SEALED],
): string | null | undefined {
  if (headers === undefined) return undefined;
  if (headers === null || Object.keys(headers).length === 0) return null;
  return keyring.seal(JSON.stringify(headers), { companyId, column });
}
