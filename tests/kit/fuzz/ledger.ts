import { dropUnforwarded, fieldsOf, type LeadRequest } from '@live-feed/core/lead/lead-request';
import { normalisePhone } from '@live-feed/core/lead/phone';
import type { LeadAnswer } from '@live-feed/tools/demo/post-lead';
import type { Answer } from '../http/client.ts';
import type { Asked, History } from '../judge/history.ts';
import { storedLeads } from '../judge/stored-leads.ts';
import type { System } from '../system/system.ts';
import type { ApiRequest } from './api-requests.ts';
import type { Caller } from './callers.ts';
import { isForm, leadOfForm } from './form-bodies.ts';

/** Collects what callers were told about leads, for the judge. */
export interface Ledger {
  /** The id of a lead that somebody was told about, two times of three this caller's own; an unknown id if there is none. */
  knownLead(n: number, caller: Caller): string;
  /** @param request undefined if it is not known what was asked for */
  note(request: ApiRequest | undefined, answer: Answer): void;
  /** Notes a lead whose caller left before it had an answer. It may have been delivered. */
  noteUnanswered(phone: string): void;
  /** Call it when no lead is open any more. */
  history(system: System): Promise<History>;
}

const UNKNOWN_ID = '01980000-0000-7000-8000-000000000000';

/** Like the ingress: without a byte order mark. */
const UTF8 = new TextDecoder();

const INGRESS = 1;
/** Stands for the connections that were closed before the answer. */
const CLOSED = 2;

export function createLedger(): Ledger {
  const asked: Asked[] = [];
  const known: string[] = [];
  const ownOf = new Map<Caller, string[]>();
  const takenBack = new Set<string>();

  return {
    knownLead(n, caller) {
      const leads = (n % 3 === 0 ? undefined : ownOf.get(caller)) ?? known;
      return leads[n % Math.max(1, leads.length)] ?? UNKNOWN_ID;
    },
    note(request, answer) {
      // Nothing came of it: if anything had, the judge would find leads that nobody had asked for.
      if (answer.body?.dryRun === true) return;
      for (const { place, status, code, leadId, isDuplicate } of toldOf(answer)) {
        // Else it was cancelled at the dialing system, which still has it.
        const isGivenBack = answer.body?.state === 'ABANDONED';
        if (request?.method === 'DELETE' && status === 200 && isGivenBack) takenBack.add(leadId);
        if (request !== undefined && request.method !== 'POST') continue;
        known.push(leadId);
        if (request !== undefined) ownOf.set(request.caller, [...(ownOf.get(request.caller) ?? []), leadId]);
        // A duplicate asks for something else than what the earlier lead asked for.
        const lead = status === 200 && !isDuplicate ? leadOf(request, place) : undefined;
        // A duplicate takes no key.
        const key = isDuplicate ? null : headerOf(request, 'idempotency-key');
        asked.push({
          ...requestOf(INGRESS, lead?.leadPhone ?? ''),
          key: key === null || place === undefined ? key : `${key}\n${place}`,
          companyId: request?.caller.name ?? '',
          wanted: lead && JSON.stringify(lead),
          answer: answerOf(status, code, leadId),
        });
      }
    },
    noteUnanswered(phone) {
      asked.push({ ...requestOf(CLOSED, normalised(phone)), answer: answerOf(null, null, null) });
    },
    async history(system) {
      const stored = await storedLeads(system);
      const rows = await system.database.lead.findMany({ select: { id: true, state: true, reason: true } });
      return {
        asked,
        copies: stored.map((lead) => ({
          externId: lead.externId,
          phone: lead.leadPhone,
          content: JSON.stringify(contentOf(lead.leadPhone, lead)),
        })),
        rows: new Map(rows.map(({ id, state, reason }) => [id, { state, reason }])),
        statuses: new Map(),
        takenBack,
        silences: [{ pid: CLOSED, fromMs: 0, toMs: Number.POSITIVE_INFINITY }],
        expectations: [],
        answersWithinMs: Number.POSITIVE_INFINITY,
        brokenWindows: [],
        overusedAnis: null,
        wrongFigures: [],
      };
    },
  };
}

function requestOf(ingressPid: number, phone: string): Asked {
  return { kind: 'arbitrary', phone, key: null, companyId: '', ingressPid, sentAtMs: 0 };
}

function answerOf(status: number | null, code: string | null, leadId: string | null): LeadAnswer {
  return { atMs: 0, status, code, leadId, retryAfterMs: 0 };
}

function headerOf(request: ApiRequest | undefined, wanted: string): string | null {
  const header = request?.headers.find(([name]) => name.toLowerCase() === wanted);
  return header?.[1] ?? null;
}

interface Told {
  /** In a batch. */
  readonly place: number | undefined;
  readonly status: number;
  readonly code: string | null;
  readonly leadId: string;
  /** The answer is that of an earlier lead. */
  readonly isDuplicate: boolean;
}

/** What an answer tells of leads: of one, or of those of a batch. */
function toldOf({ status, headers, body }: Answer): Told[] {
  const duplicateOf = headers.get('duplicate-of');
  const results: (Partial<Told> & { readonly duplicateOf?: unknown })[] = body?.results ?? [
    { ...body, status, leadId: headers.get('x-lead-id'), ...(duplicateOf === null ? {} : { duplicateOf }) },
  ];
  return results.flatMap(({ status = 0, code = null, leadId, duplicateOf: of }, place) =>
    leadId ? [{ place: body?.results && place, status, code, leadId, isDuplicate: of !== undefined }] : [],
  );
}

/** The lead that a body asks for, in the form of `contentOf`. @param place in a batch */
function leadOf(
  request: ApiRequest | undefined,
  place: number | undefined,
): { readonly leadPhone: string } | undefined {
  if (request?.body === undefined) return undefined;
  if (isForm(request)) return leadAsked(leadOfForm(request.body), request.caller);
  // `__proto__` is dropped, at every depth.
  const body = JSON.parse(UTF8.decode(request.body), (name, value) =>
    name === '__proto__' ? undefined : value,
  );
  const asked = place === undefined ? body : body.leads[place];
  return leadAsked(asked.lead, request.caller);
}

function leadAsked(lead: Record<string, unknown>, { forward }: Caller): { readonly leadPhone: string } {
  dropUnforwarded({ lead }, forward);
  return contentOf(normalised(String(lead['leadPhone'])), lead);
}

function contentOf(leadPhone: string, lead: object): { readonly leadPhone: string } {
  return { leadPhone, ...fieldsOf({ lead: lead as LeadRequest['lead'] }) };
}

function normalised(phone: string): string {
  const reading = normalisePhone(phone);
  return reading.ok ? reading.phone : phone;
}
