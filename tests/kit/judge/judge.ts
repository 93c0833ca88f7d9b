import { FINAL_STATES } from '@live-feed/core/lead/lead-state';
import type { Asked, Copy, History, Silence } from './history.ts';

/** How a promise can be broken. Each is a column of the table. */
export const BREACHES = ['wrong', 'lost', 'doubled', 'late'] as const;

export interface Breach {
  readonly kind: (typeof BREACHES)[number];
  /** For people: which lead, and what of it. */
  readonly what: string;
}

/** Every broken promise of a history: docs/reliability.md as one function. It knows nothing of the faults. */
export function judge(history: History): Breach[] {
  const told = new Told(history);
  return [
    ...history.asked.flatMap((asked) => [
      ...answerBreaches(asked, told),
      ...patienceBreaches(asked, history),
    ]),
    ...copyBreaches(history, told),
    ...keyBreaches(history.asked),
    ...statusBreaches(history, told),
    ...expectationBreaches(history),
    ...history.brokenWindows.map((what) => breach('wrong', `a rate window was broken: ${what}`)),
    ...(history.overusedAnis ?? []).map((what) => breach('wrong', `an ANI was used beyond its cap: ${what}`)),
  ];
}

/** A caller that was told that its lead is delivered, or will be. */
const PROMISES: ReadonlySet<number | null> = new Set([200, 202, 504]);
/** To every other status than these and 502 nothing was taken. */
const NOTHING_TAKEN: ReadonlySet<number | null> = new Set([400, 401, 403, 404, 422, 429, 503]);

/** To it a lead may have been taken, or not. */
const UNKNOWN = 'OUTCOME_UNKNOWN';

/** The history, found by what it is asked for. */
class Told {
  readonly history: History;
  readonly copies = new Map<string, number>();
  readonly byPhone = new Map<string, Asked[]>();
  readonly byLead = new Map<string, Asked[]>();

  constructor(history: History) {
    this.history = history;
    for (const { externId } of history.copies) this.copies.set(externId, this.copiesOf(externId) + 1);
    for (const asked of history.asked) {
      append(this.byPhone, asked.phone, asked);
      if (asked.answer?.leadId) append(this.byLead, asked.answer.leadId, asked);
    }
  }

  copiesOf(leadId: string): number {
    return this.copies.get(leadId) ?? 0;
  }
}

function answerBreaches(asked: Asked, told: Told): Breach[] {
  const { answer } = asked;
  if (answer === undefined) return [breach('late', `${describe(asked)}: never answered`)];
  const { status, leadId } = answer;
  if (status === null) {
    return wasSilent(asked, told.history.silences)
      ? []
      : [breach('late', `${describe(asked)}: no answer from an ingress that ran`)];
  }
  if (NOTHING_TAKEN.has(status)) return []; // what was taken all the same has nobody who was told of it
  if (leadId === null) return [breach('wrong', `${describe(asked)}: no lead id`)];
  const copies = told.copiesOf(leadId);
  const row = told.history.rows.get(leadId);
  switch (status) {
    case 200:
      if (copies === 0) return [breach('lost', `${describe(asked)}: not at the dialing system`)];
      return row?.state === 'ACCEPTED'
        ? []
        : [breach('wrong', `${describe(asked)}: its row says ${row?.state}`)];
    case 502:
      return copies === 0 ? [] : [breach('wrong', `${describe(asked)}: at the dialing system`)];
    case 202:
    case 504:
      // Neither "kept" nor "given back".
      if (answer.code === UNKNOWN) return [];
      return promiseBreaches(asked, copies, row?.state, row?.reason ?? null);
    default:
      return [breach('wrong', `${describe(asked)}: a status that no fault explains`)];
  }
}

const final: ReadonlySet<string> = new Set(FINAL_STATES);

/** In the end exactly once, or a recorded final state that a person is told. */
function promiseBreaches(
  asked: Asked,
  copies: number,
  state: string | undefined,
  reason: string | null,
): Breach[] {
  // A parked lead may be there: that is what a person is to find out.
  const isParked = state === 'PARKED';
  if (state === undefined || !(isParked || final.has(state)))
    return [breach('lost', `${describe(asked)}: its row says ${state}`)];
  if (reason === null) return [breach('wrong', `${describe(asked)}: ${state}, and nobody can tell why`)];
  if (isParked || (state === 'ACCEPTED') === copies > 0) return [];
  return [
    breach(
      copies === 0 ? 'lost' : 'wrong',
      `${describe(asked)}: ${state}, at the dialing system ${copies} times`,
    ),
  ];
}

/** Answered in time and a second, for as long as the process that was asked could run. */
function patienceBreaches(asked: Asked, { answersWithinMs, silences }: History): Breach[] {
  const { answer, sentAtMs } = asked;
  if (answer === undefined || answer.status === null) return [];
  const tookMs = answer.atMs - sentAtMs;
  const allowedMs = answersWithinMs + 1_000 + silentMs(asked, silences);
  return tookMs <= allowedMs ? [] : [breach('late', `${describe(asked)}: after ${Math.round(tookMs)} ms`)];
}

/** No lead twice, and none that nobody was told of. */
function copyBreaches({ copies, asked }: History, told: Told): Breach[] {
  const doubled = [...told.copies]
    .filter(([, times]) => times > 1)
    .map(([externId, times]) => breach('doubled', `lead ${externId}: ${times} times at the dialing system`));
  const leadsByPhone = new Map<string, Set<string>>();
  for (const { phone, externId } of copies) {
    const leads = leadsByPhone.get(phone) ?? new Set();
    leadsByPhone.set(phone, leads.add(externId));
  }
  const phones = [...new Set(asked.map(({ phone }) => phone))].flatMap((phone) => {
    const leads = leadsByPhone.get(phone) ?? new Set<string>();
    const requests = told.byPhone.get(phone) ?? [];
    return leads.size > mostLeads(requests)
      ? [breach('doubled', `phone …${phone.slice(-4)}: ${leads.size} leads for ${requests.length} requests`)]
      : [];
  });
  return [...doubled, ...phones, ...copies.flatMap((copy) => unexplained(copy, told))];
}

/** Equal requests may come one after the other's end; a repetition was made because nothing was taken, or under one key. */
function mostLeads(requests: readonly Asked[]): number {
  return requests[0]?.kind === 'joining' ? requests.length : 1;
}

function unexplained({ externId, phone }: Copy, told: Told): Breach[] {
  const requests = told.byPhone.get(phone) ?? [];
  if (requests.length === 0) return []; // another trial's
  const promised = (told.byLead.get(externId) ?? []).some(({ answer }) =>
    PROMISES.has(answer?.status ?? null),
  );
  // Who was told nothing may have one.
  const untold = requests.some(({ answer }) => answer === undefined || answer.status === null);
  // What was told 502 is judged by its answer.
  const failed = (told.byLead.get(externId) ?? []).some(({ answer }) => answer?.status === 502);
  if (promised || untold || failed) return [];
  const statuses = requests.map(({ answer }) => answer?.status).join(', ');
  return [breach('wrong', `lead ${externId}: at the dialing system, and its callers were told ${statuses}`)];
}

/** One key, one lead: whatever was taken under it is the same. */
function keyBreaches(asked: readonly Asked[]): Breach[] {
  const leadsByKey = new Map<string, Set<string>>();
  for (const { key, companyId, answer } of asked) {
    if (key === null || !answer?.leadId || !PROMISES.has(answer.status) || answer.code === UNKNOWN) continue;
    const id = `${companyId}/${key}`;
    leadsByKey.set(id, (leadsByKey.get(id) ?? new Set()).add(answer.leadId));
  }
  return [...leadsByKey.values()]
    .filter((leads) => leads.size > 1)
    .map((leads) => breach('wrong', `one Idempotency-Key, several leads: ${[...leads].join(', ')}`));
}

/** The status endpoint says what the row does, and that is what was told. */
function statusBreaches({ statuses, rows }: History, told: Told): Breach[] {
  return [...statuses].flatMap(([leadId, state]) => {
    const row = rows.get(leadId)?.state ?? null;
    if (state !== row)
      return [breach('wrong', `lead ${leadId}: its status is ${state}, its row says ${row}`)];
    const contradicted = (told.byLead.get(leadId) ?? []).find(
      ({ answer }) =>
        (answer?.status === 200 && state !== 'ACCEPTED') || (answer?.status === 502 && state === 'ACCEPTED'),
    );
    return contradicted === undefined
      ? []
      : [breach('wrong', `${describe(contradicted)}: its status is ${state}`)];
  });
}

function expectationBreaches({ expectations }: History): Breach[] {
  return expectations.flatMap(({ what, share, asked }) => {
    const statuses = asked.map(({ answer }) => answer?.status ?? 'none');
    const others = statuses.filter((status) => status !== 200 && status !== 502);
    if (others.length <= (1 - share) * asked.length) return [];
    return [breach('wrong', `${what}: of ${asked.length} these were told no outcome: ${others.join(', ')}`)];
  });
}

/** How long the process that was asked could do nothing in the meantime. */
function silentMs({ ingressPid, sentAtMs, answer }: Asked, silences: readonly Silence[]): number {
  const endMs = answer?.atMs ?? sentAtMs;
  return silences
    .filter(({ pid }) => pid === ingressPid)
    .reduce(
      (sum, { fromMs, toMs }) => sum + Math.max(0, Math.min(toMs, endMs) - Math.max(fromMs, sentAtMs)),
      0,
    );
}

/** A death is noticed a little after the connections that it ends. */
const NOTICED_WITHIN_MS = 5_000;

function wasSilent({ ingressPid, sentAtMs, answer }: Asked, silences: readonly Silence[]): boolean {
  const endMs = (answer?.atMs ?? sentAtMs) + NOTICED_WITHIN_MS;
  return silences.some(({ pid, fromMs, toMs }) => pid === ingressPid && fromMs <= endMs && toMs >= sentAtMs);
}

function describe({ kind, phone, answer }: Asked): string {
  const lead = answer?.leadId ?? `of phone …${phone.slice(-4)}`;
  return `${kind} caller, lead ${lead}, told ${answer?.status ?? 'nothing'} ${answer?.code ?? ''}`.trimEnd();
}

function breach(kind: Breach['kind'], what: string): Breach {
  return { kind, what };
}

function append<K, V>(lists: Map<K, V[]>, key: K, value: V): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [value]);
  else list.push(value);
}
