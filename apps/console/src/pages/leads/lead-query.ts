import { isId } from '@live-feed/core/ids';
import { REASONS } from '@live-feed/core/lead/lead-outcome';
import { LEAD_STATES } from '@live-feed/core/lead/lead-state';
import { companyShow } from '@live-feed/operations/company/company-settings';
import { InputError } from '@live-feed/operations/refusal';
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { readForm } from '../../operations/form-input.ts';
import { momentIn } from './zone-moment.ts';

/** What the form of the search sends, as text; empty where nothing was given. It stays in the address. */
const text = z.string().trim().max(255).default('');
const several = z.union([z.array(z.string()), z.string()]).default([]);

const querySchema = z.object({
  /** The one box: an id, or a whole phone. */
  q: text,
  company: text,
  campaign: text,
  source: text,
  // What is not known is refused: left out, it would be any, and a change of all that is found would be one of more.
  state: several
    .transform((given) => [given].flat().filter((state) => state !== ''))
    .pipe(z.array(z.enum(LEAD_STATES))),
  callerId: text,
  reason: text.transform((given) => (given === '' ? undefined : given)).pipe(z.enum(REASONS).optional()),
  /** As the zone's clock shows them. */
  since: text,
  until: text,
  beforeId: text,
});

export type LeadQuery = z.output<typeof querySchema>;

/** @throws InputError for an address that no form of the console makes */
export function readQuery(given: unknown): LeadQuery {
  return readForm(querySchema, given);
}

export function idIn({ q }: LeadQuery): string | undefined {
  return isId(q.toLowerCase()) ? q.toLowerCase() : undefined;
}

/** Of the company named, else of the only one that the person may see, else UTC. */
export async function zoneOf(request: FastifyRequest, company: string): Promise<string> {
  const named = company === '' ? (request.signedIn?.companyId ?? '') : company;
  return named === '' ? 'UTC' : (await request.perform(companyShow, { company: named })).settings.timeZone;
}

/** The filter as operations take it, without the company. @throws InputError for a time that is none */
export function filterOf(query: LeadQuery, zone: string) {
  const { q, campaign, source, state, callerId, reason, since, until } = query;
  return {
    phone: given(q),
    campaign: given(campaign),
    source: given(source),
    states: state.length === 0 ? undefined : state,
    callerId: given(callerId),
    reason,
    since: momentOf('since', since, zone),
    until: momentOf('until', until, zone),
  };
}

function given(text: string): string | undefined {
  return text === '' ? undefined : text;
}

function momentOf(member: string, text: string, zone: string): string | undefined {
  if (text === '') return undefined;
  const moment = momentIn(zone, text);
  if (moment !== undefined) return moment.toISOString();
  throw new InputError([{ member, message: 'Expected a time such as 2026-11-30T14:05.' }]);
}

/** The address's query. @param more members in place of the query's */
export function addressOf(query: LeadQuery, more: Readonly<Record<string, string>> = {}): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries({ ...query, ...more })) {
    for (const each of [value ?? ''].flat()) if (each !== '') parameters.append(name, each);
  }
  return parameters.toString();
}

/** Hidden fields that send the query with a form. */
export function fieldsOf(query: LeadQuery): (readonly [string, string])[] {
  return [...new URLSearchParams(addressOf(query))];
}
