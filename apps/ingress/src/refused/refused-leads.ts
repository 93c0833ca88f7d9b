import type { KeyRecord } from '@live-feed/database/directory/lookups';
import type { FastifyRequest } from 'fastify';
import { LEAD_ROUTE } from '../answers/paths.ts';
import { type Asked, askedIn } from '../body/asked-in.ts';
import type { RefusalRecord } from './refusal-record.ts';

/**
 * What the caller, the company or a limit is the reason for: 400 to 429, and a company's check that did not answer. What failed here or in the
 * dialing system is in the leads.
 */
function isRefusal(status: number, code: string | null): boolean {
  return (status >= 400 && status <= 429) || code === 'PHONE_CHECK_UNAVAILABLE';
}

/** Notes a request for one lead that was refused. One that has left a lead is found there. */
export function noteRefused(
  refusals: Pick<RefusalRecord, 'note'>,
  request: FastifyRequest,
  status: number,
): void {
  const { apiKey: key, errorCode: code, errorMessage: message, leadId, dryRun, routeOptions } = request;
  if (!isRefusal(status, code) || key === null || code === null || dryRun || leadId !== null) return;
  if (routeOptions.url !== LEAD_ROUTE) return;
  refusals.note({
    key,
    status,
    code,
    message: message ?? '',
    ...(request.leadAsked ?? askedIn(request.body)),
  });
}

/** One lead of a batch, as far as it could be read. */
export interface BatchLead {
  readonly key: KeyRecord;
  readonly status: number;
  readonly code: string | null;
  readonly message?: string;
  readonly asked?: Asked;
  readonly leadId?: string | undefined;
  readonly isDryRun: boolean;
}

export function refusedOfBatch(
  refusals: Pick<RefusalRecord, 'note'>,
  { key, status, code, message, asked, leadId, isDryRun }: BatchLead,
): void {
  if (!isRefusal(status, code) || code === null || isDryRun || leadId !== undefined) return;
  refusals.note({ key, status, code, message: message ?? '', ...(asked ?? askedIn(undefined)) });
}
