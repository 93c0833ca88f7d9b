import { type OwnHeaders, ownHeadersSchema } from '@live-feed/core/directory/own-headers';
import type { SEALED } from '@live-feed/core/lead/lead-job';
import { urlProblem } from '@live-feed/outbound/http/address-guard';
import type { Session } from '../session.ts';
import { Refusal } from '../terminal/refusal.ts';
import { readSecret } from '../terminal/secret-input.ts';

/** Where a company has requests sent, and with which headers of its own. */

/** @throws Refusal */
export function refuseUrl({ outboundRules }: Session, url: string): void {
  const problem = urlProblem(url, outboundRules);
  if (problem !== undefined) throw new Refusal(`${problem} Nothing was changed.`);
}

/** @param column what they are bound to @returns sealed; null for none, undefined if no file is named */
export async function sealedHeaders(
  { terminal, keyring }: Session,
  companyId: string,
  headersFile: string | undefined,
  column: (typeof SEALED)[keyof typeof SEALED],
): Promise<string | null | undefined> {
  if (headersFile === undefined) return undefined;
  const headers = parseHeaders(await readSecret(terminal, headersFile, 'headers', 'or empty'));
  if (Object.keys(headers).length === 0) return null;
  return keyring.seal(JSON.stringify(headers), { companyId, column });
}

/** @param text a `Name: value` on each line @throws Refusal that does not repeat values */
function parseHeaders(text: string): OwnHeaders {
  const lines = text.split('\n').map((line) => line.trim());
  const headers = lines
    .filter((line) => line !== '')
    .map((line, at) => {
      const [, name, value] = /^([^:\s]+):\s*(.*)$/.exec(line) ?? [];
      if (name !== undefined && value !== undefined) return [name.toLowerCase(), value] as const;
      throw new Refusal(
        `Line ${at + 1} of the headers is not of the form "Name: value". Nothing was changed.`,
      );
    });
  const reading = ownHeadersSchema.safeParse(Object.fromEntries(headers));
  if (reading.success) return reading.data;
  const [issue] = reading.error.issues;
  throw new Refusal(`${String(issue?.path[0] ?? 'Headers')}: ${issue?.message} Nothing was changed.`);
}
