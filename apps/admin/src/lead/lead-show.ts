import { SealError } from '@live-feed/core/crypto/sealing';
import { SEALED } from '@live-feed/core/lead/lead-job';
import type { LeadRecord, TracedLead } from '@live-feed/core/lead/lead-record';
import { isSettled, type LeadState } from '@live-feed/core/lead/lead-state';
import { reasonOf } from '@live-feed/core/status/lead-status';
import { companyNames } from '@live-feed/database/directory/companies';
import { searchLeads } from '@live-feed/database/leads/lead-status';
import { type Json, redact } from '@live-feed/runtime/logging/redaction';
import { z } from 'zod';
import { theCompany } from '../company/the-company.ts';
import type { Session } from '../session.ts';
import { facts, type Report, table } from '../terminal/report.ts';
import { byPhone } from './find-lead.ts';

/** Leads as operators see them: masked, as on the console and in the logs. */

export interface ListOptions {
  readonly company?: string | undefined;
  readonly phone?: string | undefined;
  readonly campaign?: string | undefined;
  readonly source?: string | undefined;
  readonly state?: LeadState | undefined;
  readonly before?: string | undefined;
  readonly limit: number;
}

export async function listLeads(session: Session, options: ListOptions): Promise<Report> {
  const { company, phone, campaign: campaignId, source, state, before: olderThan, limit } = options;
  const whose =
    phone !== undefined
      ? await byPhone(session, phone, company)
      : company === undefined
        ? { companyId: undefined }
        : { companyId: (await theCompany(session, company)).id };
  const leads = await searchLeads(session.database, {
    ...whose,
    campaigns: undefined,
    campaignId,
    source,
    state,
    olderThan,
    limit,
  });
  const names = await companyNames(session.database, [...new Set(leads.map(({ companyId }) => companyId))]);
  const shown = leads.map((lead) => summary(lead, names.get(lead.companyId)));
  const more = leads.length < limit ? '' : `\n\nOlder ones: --before ${leads.at(-1)?.id}`;
  return {
    text:
      table(
        ['id', 'company', 'campaign', 'source', 'phone', 'state', 'why', 'received', 'finished'],
        shown.map((lead) => [
          ...[lead.id, lead.company, lead.campaignId, lead.source, lead.phone],
          ...[lead.state, lead.reason, lead.receivedAt, lead.finishedAt],
        ]),
        'There is no such lead.',
      ) + more,
    data: shown,
  };
}

export async function showLead(session: Session, lead: TracedLead): Promise<Report> {
  const names = await companyNames(session.database, [lead.companyId]);
  const shown = summary(lead, names.get(lead.companyId));
  const dialerAnswer = answerOf(session, lead);
  const check = checkOf(session, lead);
  const calls = lead.uploads.map(({ startedAt, size, result, httpStatus, latencyMs }) => [
    ...[startedAt, size, result ?? 'under way, or its worker died', httpStatus, latencyMs],
  ]);
  const text = [
    facts([
      ['lead', shown.id],
      ['company', shown.company],
      ['campaign', shown.campaignId],
      ['source', shown.source],
      ['phone', shown.phone],
      ['caller ID', shown.callerId],
      ['state', shown.state],
      ['why', shown.reason],
      ['known by', shown.outcomeSource],
      ['received', shown.receivedAt],
      ['finished', shown.finishedAt],
      ['phone check', checkText(check)],
      ['dialer said', dialerAnswer === null ? null : JSON.stringify(dialerAnswer)],
    ]),
    table(['upload at', 'leads', 'result', 'HTTP', 'ms'], calls, 'It was in no upload yet.'),
  ].join('\n\n');
  return { text, data: { ...shown, phoneCheck: check, uploads: lead.uploads, dialerAnswer } };
}

function checkOf({ keyring }: Session, { companyId, phoneCheck }: TracedLead) {
  if (phoneCheck === null) return null;
  // A stranger's words: they may name a person.
  return { ...phoneCheck, reason: redact(reasonOf(keyring, companyId, phoneCheck.reason)) };
}

function checkText(check: ReturnType<typeof checkOf>): string | null {
  if (check === null) return null;
  const { result, at, cached, reason } = check;
  return `${result} at ${at}${cached ? ', for an earlier lead' : ''}${reason === null ? '' : `: ${reason}`}`;
}

function summary({ phoneLast2, ...lead }: LeadRecord, company: string | undefined) {
  const {
    id,
    companyId,
    campaignId,
    source,
    state,
    reason,
    outcomeSource,
    callerId,
    receivedAt,
    finishedAt,
  } = lead;
  return {
    ...{ id, companyId, company, campaignId, source, phone: `********${phoneLast2}`, state },
    // While a lead is under way, its row has the reason of an earlier attempt.
    reason: isSettled(state) ? reason : null,
    ...{ outcomeSource, callerId, receivedAt, finishedAt },
  };
}

/** Only members without personal data: the row of a rejected lead contains the lead. */
const answerSchema = z.object({
  message: z.string().nullish(),
  leadsAccepted: z.number().nullish(),
  leadsInserted: z.number().nullish(),
  processingResult: z.string().nullish(),
  processingStatus: z.string().nullish(),
  errorCode: z.string().nullish(),
  generalMessage: z.string().nullish(),
  rejectedRows: z.array(z.object({ message: z.string().nullish() })).nullish(),
});

function answerOf({ keyring }: Session, { companyId, dialerResponse }: TracedLead): Json {
  if (dialerResponse === null) return null;
  try {
    const answer: unknown = JSON.parse(
      keyring.unseal(dialerResponse, { companyId, column: SEALED.dialerResponse }),
    );
    const known = answerSchema.safeParse(answer);
    return known.success
      ? redact(JSON.parse(JSON.stringify(known.data)))
      : '(a response in an unknown format)';
  } catch (error) {
    if (!(error instanceof SealError)) throw error;
    return `(cannot be decrypted: ${error.code})`;
  }
}
