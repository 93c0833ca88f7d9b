import { findCompanySettings } from '@live-feed/database/directory/company-settings';
import { findPayloads } from '@live-feed/database/leads/search/lead-details';
import { type FoundLead, findLeadPage, type LeadFilter } from '@live-feed/database/leads/search/lead-search';
import { stringify } from 'csv-stringify/sync';
import { z } from 'zod';
import { seesPhones } from '../actor.ts';
import type { Download } from '../download.ts';
import { type Context, ofCompany } from '../operation.ts';
import { companyFilter, readFilter } from './lead-filter.ts';
import { phoneOf, shownLead } from './shown-lead.ts';

const PAGE = 1_000;

export const leadExport = ofCompany({
  name: 'lead.export',
  recorded: true,
  summary:
    'writes the leads that a filter fits as CSV, newest first; phones are masked unless the role may see them',
  role: 'viewer',
  route: 'GET /companies/:company/leads.csv',
  produces: 'text/csv',
  input: z.object(companyFilter),
  async run(context, input, company) {
    const { timeZone } = await findCompanySettings(context.database, company.id);
    const filter = readFilter(context, input, company.id);
    const download: Download = {
      fileName: exportName(company.name, filter, timeZone, new Date()),
      contentType: 'text/csv; charset=utf-8',
      content: csvOf(context, filter, company.name, timeZone),
    };
    return { company, ...download };
  },
});

const DAY_LETTERS = 10;

/** `leads-acme-solar-2026-11-29.csv`, `leads-acme-solar-2026-11-01-to-2026-11-30.csv`: whose they are, and of which days in its zone. */
export function exportName(
  company: string,
  { fromMs, toMs }: Pick<LeadFilter, 'fromMs' | 'toMs'>,
  zone: string,
  now: Date,
): string {
  const dayOf = (ms: number) => timeIn(zone)(new Date(ms)).slice(0, DAY_LETTERS);
  // Until midnight is the day before.
  const last = dayOf(toMs === undefined ? now.getTime() : toMs - 1);
  const first = fromMs === undefined ? last : dayOf(fromMs);
  const name = company
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .slice(0, 60)
    .replaceAll(/^-|-$/g, '');
  const days = fromMs === undefined ? `until-${last}` : first === last ? first : `${first}-to-${last}`;
  return `${['leads', ...(name === '' ? [] : [name]), days].join('-')}.csv`;
}

async function* csvOf(
  context: Context,
  filter: LeadFilter,
  company: string,
  zone: string,
): AsyncGenerator<string> {
  const { database, signal } = context;
  yield csv([[...COLUMNS.slice(0, 1), `received (${zone})`, `finished (${zone})`, ...COLUMNS.slice(1)]]);
  const inZone = timeIn(zone);
  let olderThan: string | undefined;
  do {
    const page = await findLeadPage(database, filter, { olderThan, limit: PAGE });
    const phones = await phonesOf(context, page.leads);
    if (page.leads.length > 0) {
      yield csv(page.leads.map((lead) => cells(lead, company, phones.get(lead.id), inZone)));
    }
    olderThan = page.next;
  } while (olderThan !== undefined && !signal.aborted);
}

const COLUMNS = [
  ...['id', 'company', 'campaign', 'source', 'phone', 'state', 'why', 'known by'],
  ...['caller ID', 'chosen by', 'uploads'],
];

function cells(
  lead: FoundLead,
  company: string,
  phone: string | undefined,
  inZone: (moment: Date) => string,
): readonly unknown[] {
  const shown = shownLead(lead, company);
  return [
    ...[shown.id, inZone(shown.receivedAt), shown.finishedAt === null ? '' : inZone(shown.finishedAt)],
    ...[shown.company, shown.campaignId, shown.source, phone ?? shown.phone, shown.state, shown.reason],
    ...[shown.outcomeSource, shown.callerId, lead.aniTier, lead.attempt],
  ];
}

/** Whole ones, by id; none for those who may not see them. */
async function phonesOf(
  context: Context,
  leads: readonly FoundLead[],
): Promise<ReadonlyMap<string, string | undefined>> {
  if (!seesPhones(context.actor)) return new Map();
  const payloads = await findPayloads(
    context.database,
    leads.map(({ id }) => id),
  );
  return new Map(payloads.map(({ id, ...lead }) => [id, phoneOf(context, lead)]));
}

/** A spreadsheet program would execute a text that begins like a formula: such a one gets an apostrophe. */
function csv(rows: readonly (readonly unknown[])[]): string {
  return stringify([...rows] as unknown[][], { escape_formulas: true, record_delimiter: 'windows' });
}

/** As spreadsheet programs read it: `2026-11-30 14:05:09`. */
function timeIn(zone: string): (moment: Date) => string {
  const format = new Intl.DateTimeFormat('sv-SE', {
    timeZone: zone,
    dateStyle: 'short',
    timeStyle: 'medium',
  });
  return (moment) => format.format(moment);
}
