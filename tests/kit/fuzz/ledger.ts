import { LEAD_FIELDS, present } from '@live-feed/core/lead/lead-request';
import { isFinal } from '@live-feed/core/lead/lead-state';
import { normalisePhone } from '@live-feed/core/lead/phone';
import { type Answer, simulator } from '../http/client.ts';
import type { System } from '../system/system.ts';
import type { ApiRequest } from './api-requests.ts';
import type { Caller } from './callers.ts';

/** What callers were told of leads, to be held against what the dialing system has in the end. */
export interface Ledger {
  /** A lead that somebody was told of, for two of three numbers that caller's own; an id that nobody has, if there is none. */
  knownLead(n: number, caller: Caller): string;
  /** @param request undefined where it is not known what was asked for */
  note(request: ApiRequest | undefined, answer: Answer): void;
  /** Of a lead whose caller left before it was told anything: it may have been delivered. */
  noteUntold(phone: string): void;
  /** Once nothing is under way any more. */
  reckon(system: System): Promise<FuzzReckoning>;
}

export interface FuzzReckoning {
  readonly stored: number;
  readonly delivered: number;
  readonly promised: number;
  readonly takenBack: number;
  /** One line for every broken promise. */
  readonly faults: readonly string[];
}

interface StoredLead {
  readonly externId: string;
  readonly leadPhone: string;
  readonly [field: string]: unknown;
}

const PAGE = 10_000;
const NOBODYS = '01980000-0000-7000-8000-000000000000';

/** As the ingress: without a byte order mark. */
const UTF8 = new TextDecoder();

export function createLedger(): Ledger {
  const known: string[] = [];
  const ownOf = new Map<Caller, string[]>();
  /** What was asked for, if that is known, by the leads that were said to be delivered. */
  const delivered = new Map<string, string | undefined>();
  const promised = new Set<string>();
  const refused = new Set<string>();
  const takenBack = new Set<string>();
  const untold = new Set<string>();

  return {
    knownLead(n, caller) {
      const leads = (n % 3 === 0 ? undefined : ownOf.get(caller)) ?? known;
      return leads[n % Math.max(1, leads.length)] ?? NOBODYS;
    },
    note(request, answer) {
      const leadId = answer.headers.get('x-lead-id');
      if (leadId === null) return;
      if (request?.method === 'DELETE' && answer.status === 200) takenBack.add(leadId);
      if (request !== undefined && request.method !== 'POST') return;
      known.push(leadId);
      if (request !== undefined) ownOf.set(request.caller, [...(ownOf.get(request.caller) ?? []), leadId]);
      if (answer.status === 200) delivered.set(leadId, wantedOf(request?.body));
      if (answer.status === 202 || answer.status === 504) promised.add(leadId);
      if (answer.status === 502 || answer.status === 503) refused.add(leadId);
    },
    noteUntold(phone) {
      untold.add(normalised(phone));
    },
    async reckon(system) {
      const stored = await storedLeads(system);
      const byId = new Map(stored.map((lead) => [lead.externId, lead]));
      const rows = await system.database.lead.findMany({ select: { id: true, state: true } });
      const states = new Map(rows.map(({ id, state }) => [id, state]));
      const faults: string[] = [];
      const fault = (leadId: string, what: string) =>
        faults.push(`${leadId}: ${what} (${states.get(leadId) ?? 'no row'})`);

      if (byId.size !== stored.length) faults.push(`${stored.length - byId.size} leads are there twice.`);
      for (const [leadId, wanted] of delivered) {
        const lead = byId.get(leadId);
        if (lead === undefined) fault(leadId, 'told 200, and not there');
        else if (wanted !== undefined && wanted !== shownOf(lead))
          fault(leadId, `wanted ${wanted}, there is ${shownOf(lead)}`);
      }
      for (const leadId of promised) {
        const state = states.get(leadId);
        if (state === undefined || !isFinal(state)) fault(leadId, 'promised, and nothing became of it');
        else if ((state === 'ACCEPTED') !== byId.has(leadId)) fault(leadId, 'its row is wrong');
      }
      for (const leadId of [...refused, ...takenBack]) {
        if (byId.has(leadId) && !delivered.has(leadId)) fault(leadId, 'told that it is not there, and it is');
      }
      for (const { externId, leadPhone } of stored) {
        const wasTold = delivered.has(externId) || promised.has(externId) || untold.has(leadPhone);
        if (!wasTold) fault(externId, 'there, and nobody was told so');
      }
      return {
        stored: stored.length,
        delivered: delivered.size,
        promised: promised.size,
        takenBack: takenBack.size,
        faults,
      };
    },
  };
}

/** What a body asks to be loaded, and what is there, in one form. */
function wantedOf(body: Buffer | undefined): string | undefined {
  if (body === undefined) return undefined;
  const { lead } = JSON.parse(UTF8.decode(body));
  return JSON.stringify({ leadPhone: normalised(lead.leadPhone), ...present(LEAD_FIELDS, lead) });
}

function shownOf(lead: StoredLead): string {
  return JSON.stringify({
    leadPhone: lead.leadPhone,
    ...present(LEAD_FIELDS, lead as Record<string, string>),
  });
}

function normalised(phone: string): string {
  const reading = normalisePhone(phone);
  return reading.ok ? reading.phone : phone;
}

async function storedLeads(system: System): Promise<StoredLead[]> {
  const all: StoredLead[] = [];
  for (;;) {
    const { leads } = await simulator(system, `/leads?limit=${PAGE}&offset=${all.length}`);
    all.push(...leads);
    if (leads.length < PAGE) return all;
  }
}
