import { leadList } from '@live-feed/operations/lead/lead-list';
import { leadShow } from '@live-feed/operations/lead/lead-show';
import type { z } from 'zod';
import type { Session } from '../session.ts';
import { facts, type Report, table } from '../terminal/report.ts';

/** Leads as operators see them on a terminal: masked, as in the logs. */

export async function listLeads(session: Session, input: z.input<typeof leadList.input>): Promise<Report> {
  const { leads, next } = await session.perform(leadList, input);
  const more = next === null ? '' : `\n\nOlder ones: --before ${next}`;
  return {
    text:
      table(
        ['id', 'company', 'campaign', 'source', 'phone', 'state', 'why', 'received', 'finished'],
        leads.map((lead) => [
          ...[lead.id, lead.company, lead.campaignId, lead.source, lead.phone],
          ...[lead.state, lead.reason, lead.receivedAt, lead.finishedAt],
        ]),
        'There is no such lead.',
      ) + more,
    data: leads,
  };
}

type Shown = Omit<Awaited<ReturnType<typeof leadShow.run>>, 'dialerResponse'>;

export async function showLead(session: Session, lead: string, company: string | undefined): Promise<Report> {
  const { dialerResponse: _, ...seen } = await session.perform(leadShow, { lead, company });
  const shown = { ...seen, phone: `********${seen.phone.slice(-2)}` };
  const calls = shown.uploads.map(({ startedAt, size, result, httpStatus, latencyMs }) => [
    ...[startedAt, size, result ?? 'under way, or its worker died', httpStatus, latencyMs],
  ]);
  const { dialerAnswer } = shown;
  const text = [
    facts([
      ['lead', shown.id],
      ['company', shown.company],
      ['campaign', shown.campaignId],
      ['source', shown.source],
      ['phone', shown.phone],
      ['caller ID', shown.callerId],
      ['chosen by', tierText(shown)],
      ['state', shown.state],
      ['why', shown.reason],
      ['known by', shown.outcomeSource],
      ['received', shown.receivedAt],
      ['finished', shown.finishedAt],
      ['sends again', shown.resentFrom],
      ['sent again as', shown.resentAs],
      ['phone check', checkText(shown)],
      ['dialer said', dialerAnswer === null ? null : JSON.stringify(dialerAnswer)],
    ]),
    table(['upload at', 'leads', 'result', 'HTTP', 'ms'], calls, 'It was in no upload yet.'),
  ].join('\n\n');
  return { text, data: shown };
}

function tierText({ callerIdTier, callerIdDistanceKm }: Shown): string | null {
  if (callerIdTier === null) return null;
  return callerIdDistanceKm === null ? callerIdTier : `${callerIdTier}, ${callerIdDistanceKm} km away`;
}

function checkText({ phoneCheck }: Shown): string | null {
  if (phoneCheck === null) return null;
  const { result, at, cached, reason } = phoneCheck;
  return `${result} at ${at}${cached ? ', for an earlier lead' : ''}${reason === null ? '' : `: ${reason}`}`;
}
